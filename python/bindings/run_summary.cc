#include <pybind11/stl.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "bindings.h"
#include "ppinfer/run.h"
#include "text.h"

namespace py = pybind11;

namespace ppinfer {
namespace {

using namespace py::literals;

py::dict stage_s(const RunSummary& summary) {
  const RunStats& run = summary.run;
  return py::dict("read"_a = run.read_ms / 1e3, "decode"_a = run.decode_ms / 1e3,
                  "preprocess"_a = run.preprocess_ms / 1e3, "infer"_a = run.infer_ms / 1e3,
                  "postprocess"_a = run.postprocess_ms / 1e3, "write"_a = run.write_ms / 1e3);
}

double idle_s(const RunSummary& summary) {
  const RunStats& run = summary.run;
  const double busy_ms =
      run.read_ms + run.decode_ms + run.preprocess_ms + run.infer_ms + run.postprocess_ms + run.write_ms;
  return (run.lanes * run.wall_ms - busy_ms) / 1e3;
}

RunEnd end_of(const std::string& name) {
  for (const RunEnd end : {RunEnd::kComplete, RunEnd::kMaxErrors, RunEnd::kInterrupted}) {
    if (name == to_string(end)) return end;
  }
  throw py::value_error("ended " + name + ": expected complete, max_errors or interrupted");
}

RunSummary make_summary(std::int64_t images, std::int64_t errors, std::int64_t skipped, double wall_s,
                        const std::map<std::string, double>& stage_s, int lanes, std::int64_t machine_errors,
                        std::map<std::string, std::int64_t> not_images, const std::string& ended,
                        std::int64_t done_before, std::int64_t errors_before, std::int64_t of_other_shards,
                        bool nothing_to_resume, bool can_resume, const py::iterable& notices) {
  RunSummary summary;
  summary.run.images = images;
  summary.run.errors = errors;
  summary.run.machine_errors = machine_errors;
  summary.run.lanes = lanes;
  summary.run.wall_ms = 1e3 * wall_s;
  const auto ms = [&](const char* stage) {
    const auto found = stage_s.find(stage);
    return found == stage_s.end() ? 0.0 : 1e3 * found->second;
  };
  summary.run.read_ms = ms("read");
  summary.run.decode_ms = ms("decode");
  summary.run.preprocess_ms = ms("preprocess");
  summary.run.infer_ms = ms("infer");
  summary.run.postprocess_ms = ms("postprocess");
  summary.run.write_ms = ms("write");
  summary.skipped.not_images = std::move(not_images);
  summary.skipped.left_out = skipped - summary.skipped.count();
  summary.end = end_of(ended);
  summary.done_before = done_before;
  summary.errors_before = errors_before;
  summary.of_other_shards = of_other_shards;
  summary.nothing_to_resume = nothing_to_resume;
  summary.can_resume = can_resume;
  for (const py::handle notice : notices) summary.notices.push_back(to_bytes_of_text(notice));
  return summary;
}

// The arguments of make_summary(), by name.
py::dict arguments_of(const RunSummary& summary) {
  return py::dict("images"_a = summary.run.images, "errors"_a = summary.run.errors,
                  "skipped"_a = summary.skipped.count(), "wall_s"_a = summary.run.wall_ms / 1e3,
                  "stage_s"_a = stage_s(summary), "lanes"_a = summary.run.lanes,
                  "machine_errors"_a = summary.run.machine_errors, "not_images"_a = summary.skipped.not_images,
                  "ended"_a = to_string(summary.end), "done_before"_a = summary.done_before,
                  "errors_before"_a = summary.errors_before, "of_other_shards"_a = summary.of_other_shards,
                  "nothing_to_resume"_a = summary.nothing_to_resume, "can_resume"_a = summary.can_resume,
                  "notices"_a = py::tuple(to_python_texts(summary.notices)));
}

std::string summary_repr(const RunSummary& summary) {
  std::string text = "RunSummary(images=" + std::to_string(summary.run.images) +
                     ", errors=" + std::to_string(summary.run.errors) +
                     ", skipped=" + std::to_string(summary.skipped.count()) +
                     ", wall_s=" + py::repr(py::float_(summary.run.wall_ms / 1e3)).cast<std::string>() + ", ended='" +
                     to_string(summary.end) + "'";
  if (summary.done_before > 0) text += ", done_before=" + std::to_string(summary.done_before);
  return text + ")";
}

}  // namespace

void bind_run_summary(py::module_& core) {
  const auto field = [](auto member) { return [member](const RunSummary& summary) { return summary.*member; }; };
  const auto of_run = [](auto member) { return [member](const RunSummary& summary) { return summary.run.*member; }; };
  py::class_<RunSummary>(
      core, "RunSummary",
      "What a run did, or has done so far. images, errors, wall_s and the like are of this run alone; "
      "a resumed run has others before it.")
      .def(py::init(&make_summary), py::kw_only(), "images"_a, "errors"_a, "skipped"_a, "wall_s"_a,
           "stage_s"_a = std::map<std::string, double>(), "lanes"_a = 0, "machine_errors"_a = 0,
           "not_images"_a = std::map<std::string, std::int64_t>(), "ended"_a = "complete", "done_before"_a = 0,
           "errors_before"_a = 0, "of_other_shards"_a = 0, "nothing_to_resume"_a = false, "can_resume"_a = false,
           "notices"_a = py::tuple())
      .def_property_readonly("images", of_run(&RunStats::images), "Images with a record, bad ones among them.")
      .def_property_readonly("errors", of_run(&RunStats::errors), "Of these images.")
      .def_property_readonly("machine_errors", of_run(&RunStats::machine_errors),
                             "Of the errors: those at stage machine.")
      .def_property_readonly(
          "skipped", [](const RunSummary& summary) { return summary.skipped.count(); },
          "Files in folders and archives that were skipped: hidden, excluded, or not images.")
      .def_property_readonly(
          "not_images", [](const RunSummary& summary) { return summary.skipped.not_images; },
          "Of the skipped files those that are not images, by name or content: counts by ending, \"\" for none.")
      .def_property_readonly(
          "skipped_in_words", [](const RunSummary& summary) { return in_words(summary.skipped); },
          "What was skipped; empty when nothing was.")
      .def_property_readonly(
          "wall_s", [](const RunSummary& summary) { return summary.run.wall_ms / 1e3; },
          "From the first image read to the last record written, seconds.")
      .def_property_readonly(
          "images_per_s", [](const RunSummary& summary) { return summary.run.images_per_s(); },
          "Throughput; 0 for a run without images.")
      .def_property_readonly("lanes", of_run(&RunStats::lanes), "Lanes that took part.")
      .def_property_readonly("stage_s", &stage_s,
                             "Seconds a stage, summed over the lanes, so that the sum can exceed wall_s.")
      .def_property_readonly(
          "idle_s", &idle_s,
          "Seconds of no stage, summed over the lanes: they wait for an input, an engine or the writer.")
      .def_property_readonly(
          "ended", [](const RunSummary& summary) { return to_string(summary.end); },
          "complete; or stopped early, with the records so far kept: max_errors, interrupted.")
      .def_property_readonly("done_before", field(&RunSummary::done_before),
                             "Images that a stopped run had done, which this one resumed.")
      .def_property_readonly("errors_before", field(&RunSummary::errors_before), "Of these images.")
      .def_property_readonly("images_in_all", &RunSummary::images_in_all, "Records in the output.")
      .def_property_readonly("errors_in_all", &RunSummary::errors_in_all, "Of these records.")
      .def_property_readonly("of_other_shards", field(&RunSummary::of_other_shards),
                             "Inputs that this run's shard doesn't have.")
      .def_property_readonly("nothing_to_resume", field(&RunSummary::nothing_to_resume),
                             "`resume` was set without a stopped run, so the run started over.")
      .def_property_readonly(
          "can_resume", field(&RunSummary::can_resume),
          "A run with `resume` can continue this one: records go into a file, and no image came from "
          "a pipe.")
      .def_property_readonly(
          "notices", [](const RunSummary& summary) { return py::tuple(to_python_texts(summary.notices)); },
          "What to know of the inputs: how the lines of a list were understood.")
      .def("__eq__",
           [](const RunSummary& summary, const py::object& other) -> py::object {
             if (!py::isinstance<RunSummary>(other)) return py::reinterpret_borrow<py::object>(Py_NotImplemented);
             return py::bool_(arguments_of(summary).equal(arguments_of(other.cast<const RunSummary&>())));
           })
      .def(py::pickle([](const RunSummary& summary) { return arguments_of(summary); },
                      [](const py::dict& state) { return py::type::of<RunSummary>()(**state).cast<RunSummary>(); }))
      .def("__repr__", &summary_repr);
}

}  // namespace ppinfer
