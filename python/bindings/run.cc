#include "ppinfer/run.h"

#include <pybind11/stl.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bindings.h"
#include "ppinfer/own_file.h"
#include "ppinfer/run_text.h"
#include "text.h"

namespace py = pybind11;

namespace ppinfer {
namespace {

using namespace py::literals;

constexpr std::size_t kListResults = 256;

// Keeps results until they are worth taking the GIL for. Keeps their memory, too.
class KeptResults {
 public:
  void add(const Result& result) {
    if (count_ == results_.size()) results_.emplace_back();
    results_[count_++] = result;
  }
  bool full() const { return count_ >= kListResults; }
  bool empty() const { return count_ == 0; }
  void clear() { count_ = 0; }

  py::list to_list() const {
    py::list converted(count_);
    for (std::size_t index = 0; index < count_; ++index) converted[index] = results_[index];
    return converted;
  }

  void write_to(ResultSink& sink) const {
    for (std::size_t index = 0; index < count_; ++index) sink.write(results_[index]);
  }

 private:
  std::vector<Result> results_;
  std::size_t count_ = 0;
};

// A store that Python has made.
class PythonStore : public RecordStore {
 public:
  PythonStore(py::object store, py::object on_results) : store_(std::move(store)), on_results_(std::move(on_results)) {}

  // Takes the GIL for thousands of records at once: other threads of Python may want it all the time.
  void visit(const std::function<bool(const KeptRecord&)>& visit) override {
    constexpr std::size_t kAtOnce = 4096;
    const py::gil_scoped_acquire gil;
    py::iterator record = store_.attr("kept_records")();
    std::vector<KeptRecord> some;
    do {
      some.clear();
      for (; some.size() < kAtOnce && record != py::iterator::sentinel(); ++record) {
        const auto [path, is_error] = record->cast<std::pair<std::string, bool>>();
        some.push_back({path, is_error});
      }
      const py::gil_scoped_release waits_for_the_disk;
      if (!std::all_of(some.begin(), some.end(), visit)) return;
    } while (some.size() == kAtOnce);
  }

  void truncate(std::int64_t count) override { call("truncate", count); }
  void write(const Result& result) override { kept_.add(result); }
  bool full() const override { return kept_.full(); }

  void flush() override {
    if (kept_.empty()) return;
    const py::gil_scoped_acquire gil;
    const py::list results = kept_.to_list();
    if (!on_results_.is_none()) on_results_(results);
    store_.attr("write")(results);
    store_.attr("flush")();
    kept_.clear();
  }

  void commit() override { call("commit"); }
  void close() override { call("close"); }

 private:
  template <class... Arguments>
  void call(const char* method, Arguments... arguments) {
    const py::gil_scoped_acquire gil;
    store_.attr(method)(arguments...);
  }

  py::object store_;
  py::object on_results_;
  KeptResults kept_;
};

// Shows each list of results to Python before it goes on to another store.
class ShownStore : public RecordStore {
 public:
  ShownStore(std::unique_ptr<RecordStore> store, py::object on_results)
      : store_(std::move(store)), on_results_(std::move(on_results)) {}

  void visit(const std::function<bool(const KeptRecord&)>& visit) override { store_->visit(visit); }
  std::string path_text(const std::string& path) const override { return store_->path_text(path); }
  void truncate(std::int64_t count) override { store_->truncate(count); }
  void write(const Result& result) override { kept_.add(result); }
  bool full() const override { return kept_.full(); }

  void flush() override {
    hand_on();
    store_->flush();
  }

  bool flush_what_fits() override {
    hand_on();
    return store_->flush_what_fits();
  }

  void commit() override { store_->commit(); }
  void close() override { store_->close(); }

 private:
  void hand_on() {
    if (!kept_.empty()) {
      const py::gil_scoped_acquire gil;
      on_results_(kept_.to_list());
    }
    kept_.write_to(*store_);
    kept_.clear();
  }

  std::unique_ptr<RecordStore> store_;
  py::object on_results_;
  KeptResults kept_;
};

std::unique_ptr<RecordStore> make_store(const Predictor& predictor, const std::string& output,
                                        const std::string& format, const py::object& store,
                                        const py::object& on_results) {
  if (!store.is_none()) return std::make_unique<PythonStore>(store, on_results);
  std::unique_ptr<RecordStore> made =
      make_record_store(output, parse_record_format(format), predictor.config().settings().postprocess);
  if (on_results.is_none()) return made;
  return std::make_unique<ShownStore>(std::move(made), on_results);
}

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

void bind_summary(py::module_& core) {
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
                             "`resume` was asked for, and there was no stopped run.")
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

// Called in the caller's thread during a run: lets Ctrl-C and on_progress act. The first Ctrl-C ends the run as an
// interrupt does; whatever else they raise comes out of write_records at once, and so does a second Ctrl-C.
class Watch {
 public:
  explicit Watch(const py::object& on_progress) : on_progress_(on_progress) {}

  bool operator()(const RunSummary& so_far) {
    const py::gil_scoped_acquire gil;
    try {
      if (PyErr_CheckSignals() != 0) throw py::error_already_set();
      if (!on_progress_.is_none()) on_progress_(so_far);
    } catch (const py::error_already_set& raised) {
      if (interrupted_ || !raised.matches(PyExc_KeyboardInterrupt)) throw;
      interrupted_ = true;
    }
    return !interrupted_;
  }

 private:
  const py::object& on_progress_;
  bool interrupted_ = false;
};

RunSummary write_records_from_python(Predictor& predictor, ImageFiles& files, const std::string& output,
                                     const std::string& format, RunIdentity identity, bool resume, bool force,
                                     const std::string& errors_path, std::int64_t max_errors, double max_error_percent,
                                     const py::object& store, const py::object& on_results,
                                     const py::object& on_progress, const py::object& on_begin,
                                     const py::object& on_complete) {
  RunOptions options;
  if (!on_begin.is_none()) {
    options.on_begin = [&on_begin](const std::string& run_id) {
      const py::gil_scoped_acquire gil;
      on_begin(run_id);
    };
  }
  if (!on_complete.is_none()) {
    options.on_complete = [&on_complete] {
      const py::gil_scoped_acquire gil;
      on_complete();
    };
  }
  options.output_path = output;
  options.identity = std::move(identity);
  options.identity.emplace_back("format", format);
  options.resume = resume;
  options.force = force;
  options.errors_path = errors_path;
  options.errors_format = store.is_none() ? parse_record_format(format) : RecordFormat::kJsonl;
  options.max_errors = max_errors;
  options.max_error_percent = max_error_percent;
  const std::unique_ptr<RecordStore> records = make_store(predictor, output, format, store, on_results);
  Watch watch(on_progress);
  const py::gil_scoped_release release;
  return write_records(predictor, files, *records, options,
                       [&watch](const RunSummary& so_far) { return watch(so_far); });
}

py::list record_identity_to_python(const Predictor& predictor) {
  RunIdentity identity;
  {
    const py::gil_scoped_release reads_the_model;
    identity = record_identity(predictor);
  }
  py::list rows;
  for (const auto& [key, value] : identity) {
    rows.append(py::make_tuple(to_python_text(key), to_python_text(value)));
  }
  return rows;
}

py::object run_files_to_python(const std::string& output) {
  const RunFiles files = run_files(output);
  if (files.part.empty()) return py::none();
  return py::make_tuple(to_python_path(files.output), to_python_path(files.part), to_python_path(files.manifest));
}

int open_own_file_for_python(const std::string& path, bool fresh) {
  return open_own_file(path, fresh ? OwnFile::kFresh : OwnFile::kKeep);
}

}  // namespace

void bind_run(py::module_& core) {
  bind_summary(core);
  core.def("write_records", &write_records_from_python, "predictor"_a, "files"_a, py::kw_only(), "output"_a, "format"_a,
           "identity"_a, "resume"_a, "force"_a, "errors_path"_a, "max_errors"_a, "max_error_percent"_a, "store"_a,
           "on_results"_a, "on_progress"_a, "on_begin"_a, "on_complete"_a);
  core.def("open_own_file", &open_own_file_for_python, "path"_a, py::kw_only(), "fresh"_a);
  core.def("format_from_extension", &format_from_extension, "output"_a);
  core.def("clobbered_input", &clobbered_input, "path"_a, py::kw_only(), "list_path"_a = py::bytes(""),
           "config_path"_a = py::bytes(""));
  core.def("record_identity", &record_identity_to_python, "predictor"_a);
  core.def("run_files", &run_files_to_python, "output"_a);
  core.def(
      "summary_sentence",
      [](const RunSummary& summary, const std::string& output) {
        return to_python_text(summary_sentence(summary, output));
      },
      "summary"_a, "output"_a);
  core.def(
      "no_images_sentence",
      [](const std::string& inputs, const RunSummary& summary) {
        return to_python_text(no_images_sentence(inputs, summary.skipped));
      },
      "inputs"_a, "summary"_a);
  core.def(
      "inputs_in_words",
      [](const std::vector<std::string>& paths, const std::string& list_path) {
        return to_python_text(inputs_in_words(paths, list_path));
      },
      "paths"_a, "list_path"_a);
  core.def(
      "empty_shard_sentence",
      [](const std::pair<int, int>& shard, const RunSummary& summary) {
        return empty_shard_sentence(shard.first, shard.second, summary);
      },
      "shard"_a, "summary"_a);
  core.def(
      "stop_lines",
      [](const RunSummary& summary, const std::vector<std::string>& command) {
        return to_python_texts(stop_lines(summary, command));
      },
      "summary"_a, "command"_a);
  core.def(
      "resume_lines", [](const std::vector<std::string>& command) { return to_python_texts(resume_lines(command)); },
      "command"_a);
}

}  // namespace ppinfer
