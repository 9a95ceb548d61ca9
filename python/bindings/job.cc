#include "ppinfer/job.h"

#include <pybind11/stl.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bindings.h"
#include "ppinfer/own_file.h"
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
    for (std::size_t index = 0; index < count_; ++index) converted[index] = to_python(results_[index]);
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

  std::int64_t records() override {
    const py::gil_scoped_acquire gil;
    return store_.attr("records")().cast<std::int64_t>();
  }

  void cut(std::int64_t count) override { call("cut", count); }
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

  void put_in_place() override { call("put_in_place"); }
  void abandon() override { call("abandon"); }

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

  std::int64_t records() override { return store_->records(); }
  void cut(std::int64_t count) override { store_->cut(count); }
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

  void put_in_place() override { store_->put_in_place(); }
  void abandon() override { store_->abandon(); }

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

py::dict to_python(const JobTotals& totals) {
  py::dict converted = to_python(totals.run, totals.skipped.count());
  converted["not_images"] = totals.skipped.not_images;
  converted["of_other_shards"] = totals.of_other_shards;
  converted["done_before"] = totals.done_before;
  converted["errors_before"] = totals.errors_before;
  converted["nothing_to_resume"] = totals.nothing_to_resume;
  converted["can_resume"] = totals.can_resume;
  return converted;
}

// What runs in the caller's thread while a job goes on: Ctrl-C and on_progress have their say. The first Ctrl-C ends
// the job as an interrupt does; whatever else they raise comes out of run_job at once, and so does a second Ctrl-C.
class Watch {
 public:
  explicit Watch(const py::object& on_progress) : on_progress_(on_progress) {}

  bool operator()(const JobTotals& totals) {
    const py::gil_scoped_acquire gil;
    try {
      if (PyErr_CheckSignals() != 0) throw py::error_already_set();
      if (!on_progress_.is_none()) on_progress_(to_python(totals));
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

py::dict run_job_from_python(Predictor& predictor, ImageFiles& files, const std::string& output,
                             const std::string& format, JobIdentity identity, bool resume, bool force,
                             const std::string& errors_path, std::int64_t max_errors, double max_error_percent,
                             const py::object& store, const py::object& on_results, const py::object& on_progress,
                             const py::object& on_begin, const py::object& on_complete) {
  JobOptions options;
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
  options.resume = resume;
  options.force = force;
  options.errors_path = errors_path;
  options.errors_format = store.is_none() ? parse_record_format(format) : RecordFormat::kJsonl;
  options.max_errors = max_errors;
  options.max_error_percent = max_error_percent;
  const std::unique_ptr<RecordStore> records = make_store(predictor, output, format, store, on_results);
  Watch watch(on_progress);
  JobTotals totals;
  {
    const py::gil_scoped_release release;
    totals = run_job(predictor, files, *records, options, [&watch](const JobTotals& so_far) { return watch(so_far); });
  }
  py::dict ended = to_python(totals);
  ended["ended"] = to_string(totals.end);
  py::list notices;
  for (const std::string& notice : files.notices()) notices.append(to_python_text(notice));
  ended["notices"] = notices;
  return ended;
}

py::list record_identity_to_python(const Predictor& predictor) {
  py::list rows;
  for (const auto& [key, value] : record_identity(predictor)) {
    rows.append(py::make_tuple(to_python_text(key), to_python_text(value)));
  }
  return rows;
}

py::object job_files_to_python(const std::string& output) {
  const JobFiles files = job_files(output);
  if (files.part.empty()) return py::none();
  return py::make_tuple(to_python_path(files.output), to_python_path(files.part), to_python_path(files.journal));
}

int open_own_file_for_python(const std::string& path, bool fresh) {
  return open_own_file(path, fresh ? OwnFile::kFresh : OwnFile::kKeep);
}

}  // namespace

void bind_job(py::module_& core) {
  core.def("run_job", &run_job_from_python, "predictor"_a, "files"_a, py::kw_only(), "output"_a, "format"_a,
           "identity"_a, "resume"_a, "force"_a, "errors_path"_a, "max_errors"_a, "max_error_percent"_a, "store"_a,
           "on_results"_a, "on_progress"_a, "on_begin"_a, "on_complete"_a);
  core.def("open_own_file", &open_own_file_for_python, "path"_a, py::kw_only(), "fresh"_a);
  core.def("format_told_by", &format_told_by, "output"_a);
  core.def("mistaken_output", &mistaken_output, "path"_a, py::kw_only(), "list_path"_a = py::bytes(""),
           "config_path"_a = py::bytes(""));
  core.def("record_identity", &record_identity_to_python, "predictor"_a);
  core.def("job_files", &job_files_to_python, "output"_a);
}

}  // namespace ppinfer
