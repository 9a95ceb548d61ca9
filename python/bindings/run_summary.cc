#include <pybind11/stl.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <string>
#include <utility>

#include "bindings.h"
#include "ppinfer/run.h"
#include "text.h"
#include "value_type.h"

namespace py = pybind11;

namespace ppinfer {
namespace {

using namespace py::literals;

struct StageMember {
  const char* name;
  double StageTimes::*ms;
};

constexpr StageMember kStages[] = {
    {"read", &StageTimes::read_ms},
    {"decode", &StageTimes::decode_ms},
    {"preprocess", &StageTimes::preprocess_ms},
    {"infer", &StageTimes::infer_ms},
    {"postprocess", &StageTimes::postprocess_ms},
    {"write", &StageTimes::write_ms},
};

StageTimes make_times(const std::map<std::string, double>& seconds) {
  StageTimes times;
  for (const auto& [name, spent] : seconds) {
    const auto* const stage = std::find_if(std::begin(kStages), std::end(kStages),
                                           [&](const StageMember& each) { return each.name == name; });
    if (stage == std::end(kStages)) throw py::value_error("stage " + name + ": there is none of this name");
    times.*(stage->ms) = 1e3 * spent;
  }
  return times;
}

py::dict to_dict(const StageTimes& times) {
  py::dict seconds;
  for (const StageMember& stage : kStages) seconds[stage.name] = times.*(stage.ms) / 1e3;
  return seconds;
}

// Of the time of all lanes; empty before there is any.
py::dict stage_shares(const RunSummary& summary) {
  py::dict shares;
  const double lane_ms = summary.run.lanes * summary.run.wall_ms;
  if (lane_ms <= 0) return shares;
  for (const StageMember& stage : kStages) shares[stage.name] = summary.run.*(stage.ms) / lane_ms;
  shares["idle"] = std::max(0.0, summary.run.idle_ms() / lane_ms);
  return shares;
}

RunEnd end_of(const std::string& name) {
  for (const RunEnd end : {RunEnd::kComplete, RunEnd::kMaxErrors, RunEnd::kInterrupted}) {
    if (name == to_string(end)) return end;
  }
  throw py::value_error("ended " + name + ": expected complete, max_errors or interrupted");
}

RunSummary make_summary(std::int64_t images, std::int64_t errors, std::int64_t skipped, double wall_s,
                        const py::object& stage_s, int lanes, std::int64_t machine_errors,
                        std::map<std::string, std::int64_t> not_images, const std::string& ended,
                        std::int64_t done_before, std::int64_t errors_before, std::int64_t of_other_shards,
                        bool nothing_to_resume, bool can_resume, const py::iterable& notices, std::int64_t found,
                        bool found_all, double cpu_s, const py::object& sorted_into, std::int64_t sorted,
                        std::int64_t gone, const py::object& moved_into, std::int64_t moved,
                        std::map<std::string, std::int64_t> stayed, const py::iterable& not_moved) {
  RunSummary summary;
  summary.run.images = images;
  summary.run.errors = errors;
  summary.run.machine_errors = machine_errors;
  summary.run.lanes = lanes;
  summary.run.wall_ms = 1e3 * wall_s;
  summary.run.cpu_ms = 1e3 * cpu_s;
  static_cast<StageTimes&>(summary.run) = make_times(py::dict(stage_s).cast<std::map<std::string, double>>());
  summary.skipped.not_images = std::move(not_images);
  summary.skipped.left_out = skipped - summary.skipped.count();
  summary.end = end_of(ended);
  summary.done_before = done_before;
  summary.errors_before = errors_before;
  summary.of_other_shards = of_other_shards;
  summary.nothing_to_resume = nothing_to_resume;
  summary.can_resume = can_resume;
  summary.found = found;
  summary.found_all = found_all;
  for (const py::handle notice : notices) summary.notices.push_back(to_bytes_of_text(notice));
  summary.sorted = {sorted_into.is_none() ? "" : to_bytes_of_path(sorted_into), sorted, gone};
  summary.moved = {moved_into.is_none() ? "" : to_bytes_of_path(moved_into), moved, std::move(stayed), {}};
  for (const py::handle problem : not_moved) summary.moved.refused.push_back(to_bytes_of_text(problem));
  return summary;
}

py::object folder_or_none(const std::string& folder) {
  return folder.empty() ? py::object(py::none()) : py::object(to_python_path(folder));
}

// The arguments of make_summary(), by name.
py::dict arguments_of(const RunSummary& summary) {
  return py::dict("images"_a = summary.run.images, "errors"_a = summary.run.errors,
                  "skipped"_a = summary.skipped.count(), "wall_s"_a = summary.run.wall_ms / 1e3,
                  "stage_s"_a = to_dict(summary.run), "lanes"_a = summary.run.lanes,
                  "machine_errors"_a = summary.run.machine_errors, "not_images"_a = summary.skipped.not_images,
                  "ended"_a = to_string(summary.end), "done_before"_a = summary.done_before,
                  "errors_before"_a = summary.errors_before, "of_other_shards"_a = summary.of_other_shards,
                  "nothing_to_resume"_a = summary.nothing_to_resume, "can_resume"_a = summary.can_resume,
                  "notices"_a = py::tuple(to_python_texts(summary.notices)), "found"_a = summary.found,
                  "found_all"_a = summary.found_all, "cpu_s"_a = summary.run.cpu_ms / 1e3,
                  "sorted_into"_a = folder_or_none(summary.sorted.folder), "sorted"_a = summary.sorted.images,
                  "gone"_a = summary.sorted.gone, "moved_into"_a = folder_or_none(summary.moved.folder),
                  "moved"_a = summary.moved.images, "stayed"_a = summary.moved.stayed,
                  "not_moved"_a = py::tuple(to_python_texts(summary.moved.refused)));
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

void bind_stage_times(py::module_& core) {
  const auto names = [] {
    py::tuple all(std::size(kStages));
    for (std::size_t index = 0; index < std::size(kStages); ++index) all[index] = kStages[index].name;
    return all;
  };
  py::class_<StageTimes> times(core, "StageTimes", "Seconds by stage, a mapping.");
  times.attr("STAGES") = names();
  times.def(py::init(&make_times), "seconds"_a)
      .def("__getitem__",
           [](const StageTimes& value, const py::object& stage) -> py::object { return to_dict(value)[stage]; })
      .def("__iter__", [names](const StageTimes&) { return py::iter(names()); })
      .def("keys", [names](const StageTimes&) { return names(); })
      .def("values", [](const StageTimes& value) { return to_dict(value).attr("values")(); })
      .def("items", [](const StageTimes& value) { return to_dict(value).attr("items")(); })
      .def("__repr__", [](const StageTimes& value) { return py::str("StageTimes({!r})").format(to_dict(value)); })
      .def("__reduce__", [](const StageTimes& value) {
        return py::make_tuple(py::type::of<StageTimes>(), py::make_tuple(to_dict(value)));
      });
  define_equality(times,
                  [](const StageTimes& one, const StageTimes& other) { return to_dict(one).equal(to_dict(other)); });
}

}  // namespace

void bind_run_summary(py::module_& core) {
  bind_stage_times(core);
  const auto field = [](auto member) { return [member](const RunSummary& summary) { return summary.*member; }; };
  const auto of_run = [](auto member) { return [member](const RunSummary& summary) { return summary.run.*member; }; };
  py::class_<RunSummary> bound(core, "RunSummary",
                               "The figures of a run, at its end or so far. In a resumed run, images, errors and "
                               "wall_s count the resumed part only.");
  define_equality(bound, [](const RunSummary& one, const RunSummary& other) {
    return arguments_of(one).equal(arguments_of(other));
  });
  bound
      .def(py::init(&make_summary), py::kw_only(), "images"_a, "errors"_a, "skipped"_a, "wall_s"_a,
           "stage_s"_a = py::dict(), "lanes"_a = 0, "machine_errors"_a = 0,
           "not_images"_a = std::map<std::string, std::int64_t>(), "ended"_a = "complete", "done_before"_a = 0,
           "errors_before"_a = 0, "of_other_shards"_a = 0, "nothing_to_resume"_a = false, "can_resume"_a = false,
           "notices"_a = py::tuple(), "found"_a = 0, "found_all"_a = false, "cpu_s"_a = 0.0,
           "sorted_into"_a = py::none(), "sorted"_a = 0, "gone"_a = 0, "moved_into"_a = py::none(), "moved"_a = 0,
           "stayed"_a = std::map<std::string, std::int64_t>(), "not_moved"_a = py::tuple())
      .def_property_readonly("images", of_run(&RunStats::images), "Images with a record, including bad images.")
      .def_property_readonly("errors", of_run(&RunStats::errors), "Images with an error record.")
      .def_property_readonly("machine_errors", of_run(&RunStats::machine_errors),
                             "Errors of stage machine, among errors.")
      .def_property_readonly(
          "skipped", [](const RunSummary& summary) { return summary.skipped.count(); },
          "Files in folders and archives that were skipped: hidden, excluded, or not images.")
      .def_property_readonly(
          "not_images", [](const RunSummary& summary) { return summary.skipped.not_images; },
          "Skipped files that are not images, by name and content: their number by extension, \"\" for none.")
      .def_property_readonly(
          "skipped_in_words", [](const RunSummary& summary) { return in_words(summary.skipped); },
          "The skipped files as a sentence; empty if there are none.")
      .def_property_readonly(
          "wall_s", [](const RunSummary& summary) { return summary.run.wall_ms / 1e3; },
          "Seconds from the first image read to the last record written.")
      .def_property_readonly(
          "images_per_s", [](const RunSummary& summary) { return summary.run.images_per_s(); },
          "Throughput, in images a second; 0 for a run without images.")
      .def_property_readonly("lanes", of_run(&RunStats::lanes), "Number of lanes that worked in this run.")
      .def_property_readonly(
          "cpu_s", [](const RunSummary& summary) { return summary.run.cpu_ms / 1e3; },
          "CPU time of the whole process during the run, in seconds.")
      .def_property_readonly(
          "stage_s", [](const RunSummary& summary) { return StageTimes(summary.run); },
          "Seconds by stage, summed over the lanes, so the sum can exceed wall_s.")
      .def_property_readonly("stage_shares", &stage_shares,
                             "Share of each stage in the time of all lanes, and of \"idle\". Empty at the start.")
      .def_property_readonly(
          "idle_s", [](const RunSummary& summary) { return summary.run.idle_ms() / 1e3; },
          "Seconds in which lanes wait for an input, an engine or the writer, summed over the lanes.")
      .def_property_readonly(
          "ended", [](const RunSummary& summary) { return to_string(summary.end); },
          "complete, or max_errors or interrupted: stopped early, with the records so far kept.")
      .def_property_readonly("done_before", field(&RunSummary::done_before),
                             "Records of the stopped run that this run resumes.")
      .def_property_readonly("errors_before", field(&RunSummary::errors_before), "Error records of the stopped run.")
      .def_property_readonly("images_in_all", &RunSummary::images_in_all, "Number of records in the output.")
      .def_property_readonly("errors_in_all", &RunSummary::errors_in_all, "Error records in the output.")
      .def_property_readonly(
          "found", field(&RunSummary::found),
          "Inputs found so far, including those with a record; counted if there is a progress callback.")
      .def_property_readonly("found_all", field(&RunSummary::found_all), "Whether all inputs have been found.")
      .def_property_readonly("exit_code", &exit_code,
                             "The exit code of a program that makes this run: 0 all fine, 1 some images failed, 2 no "
                             "images, 3 too many errors, 130 interrupted.")
      .def_property_readonly("of_other_shards", field(&RunSummary::of_other_shards),
                             "Inputs that belong to other shards.")
      .def_property_readonly("nothing_to_resume", field(&RunSummary::nothing_to_resume),
                             "`resume` was set without a stopped run, so the run started over.")
      .def_property_readonly("can_resume", field(&RunSummary::can_resume),
                             "Whether a run with `resume` can continue this run: true if records go into a file and no "
                             "image came from a pipe.")
      .def_property_readonly(
          "notices", [](const RunSummary& summary) { return py::tuple(to_python_texts(summary.notices)); },
          "Notices about the inputs, such as how the lines of a list were read.")
      .def_property_readonly(
          "sorted", [](const RunSummary& summary) { return summary.sorted.images; }, "Images sorted into folders.")
      .def_property_readonly(
          "gone", [](const RunSummary& summary) { return summary.sorted.gone; },
          "Images that could not be sorted because they were removed during the run, or came from a pipe.")
      .def_property_readonly(
          "moved", [](const RunSummary& summary) { return summary.moved.images; }, "Bad images that were moved.")
      .def_property_readonly(
          "stayed", [](const RunSummary& summary) { return summary.moved.stayed; },
          "Bad images that were not moved: their number by reason.")
      .def_property_readonly(
          "not_moved", [](const RunSummary& summary) { return py::tuple(to_python_texts(summary.moved.refused)); },
          "The system's errors for the first bad images that could not be moved.")
      .def(py::pickle([](const RunSummary& summary) { return arguments_of(summary); },
                      [](const py::dict& state) { return py::type::of<RunSummary>()(**state).cast<RunSummary>(); }))
      .def("__repr__", &summary_repr);
}

}  // namespace ppinfer
