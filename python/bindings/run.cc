#include "ppinfer/run.h"

#include <pybind11/stl.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
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

// Passes each list of results to Python, then to another store.
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

// Called in the caller's thread during a run: lets Ctrl-C and on_progress act. The first Ctrl-C ends the run as an
// interrupt does; whatever else they raise comes out of write_records at once, and so does a second Ctrl-C.
class ProgressReporter {
 public:
  explicit ProgressReporter(const py::object& on_progress) : on_progress_(on_progress) {}

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
                                     const std::string& format, bool resume, bool force, const std::string& errors_path,
                                     std::int64_t max_errors, double max_error_percent, const std::string& sort_into,
                                     const std::string& sort_by, const std::string& move_errors,
                                     const py::object& store, const py::object& on_results,
                                     const py::object& on_progress) {
  RunOptions options;
  options.output_path = output;
  options.identity.emplace_back("format", format);
  options.resume = resume;
  options.force = force;
  options.errors_path = errors_path;
  options.errors_format = store.is_none() ? parse_record_format(format) : RecordFormat::kJsonl;
  options.limit = {max_errors, max_error_percent};
  options.counts_ahead = !on_progress.is_none();
  options.sort_into = sort_into;
  options.sort_by = parse_sort_by(sort_by);
  options.move_errors = move_errors;
  const std::unique_ptr<RecordStore> records = make_store(predictor, output, format, store, on_results);
  ProgressReporter report(on_progress);
  const py::gil_scoped_release release;
  return write_records(predictor, files, *records, options,
                       [&report](const RunSummary& so_far) { return report(so_far); });
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
  core.def("write_records", &write_records_from_python, "predictor"_a, "files"_a, py::kw_only(), "output"_a, "format"_a,
           "resume"_a, "force"_a, "errors_path"_a, "max_errors"_a, "max_error_percent"_a, "sort_into"_a, "sort_by"_a,
           "move_errors"_a, "store"_a, "on_results"_a, "on_progress"_a);
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
      "resume_lines",
      [](const std::vector<std::string>& command, const std::vector<std::string>& value_flags, bool reads_list) {
        return to_python_texts(resume_lines({command, value_flags}, reads_list));
      },
      "command"_a, "value_flags"_a, "reads_list"_a = false);
  core.def(
      "parse_error_limit",
      [](const std::string& text) {
        const ErrorLimit limit = parse_error_limit("max errors", text);
        return std::pair(limit.max_errors, limit.max_percent);
      },
      "text"_a);
  py::class_<RunProgress>(core, "RunProgress")
      .def(py::init<>())
      .def("add", &RunProgress::add, "so_far"_a, "total"_a = py::none())
      .def_property_readonly("images_per_s", &RunProgress::images_per_s)
      .def_property_readonly("seconds_left", &RunProgress::seconds_left)
      .def("in_words", &RunProgress::in_words);
  core.def(
      "stages_in_words", [](const RunSummary& summary) { return stages_in_words(summary.run); }, "summary"_a);
}

}  // namespace ppinfer
