#include "ppinfer/run.h"

#include <pybind11/stl.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bindings.h"
#include "ppinfer/growing_file.h"
#include "ppinfer/run_text.h"
#include "run_options.h"
#include "text.h"

namespace py = pybind11;

namespace ppinfer {
namespace {

using namespace py::literals;

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

// `write_output` writes a format of Python's, and is None otherwise. `copy`: RunOptions::copy_path, or None.
RunSummary write_records_from_python(Predictor& predictor, ImageFiles& files, const PythonRunOptions& given,
                                     const py::object& write_output, const py::object& copy,
                                     const py::object& on_progress) {
  RunOptions options = given.options;
  if (write_output.is_none()) {
    options.format = parse_record_format(given.format);
  } else {
    options.format = RecordFormat::kVectors;
    options.identity = {{"format", given.format}};
    options.write_output = [&write_output](const std::string& part_path) {
      const py::gil_scoped_acquire gil;
      write_output(to_python_path(part_path));
    };
  }
  if (!copy.is_none()) options.copy_path = to_bytes_of_path(copy);
  options.counts_ahead = !on_progress.is_none();
  ProgressReporter report(on_progress);
  const py::gil_scoped_release release;
  return write_records(predictor, files, options, [&report](const RunSummary& so_far) { return report(so_far); });
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

std::unique_ptr<GrowingFile> open_growing_file(const std::string& path, bool fresh) {
  auto file = std::make_unique<GrowingFile>(path);
  fresh ? file->open_fresh() : file->open();
  return file;
}

void commit(GrowingFile& file, const std::string& output) {
  const py::gil_scoped_release waits_for_the_disk;
  file.sync();
  file.rename_to(output);
}

}  // namespace

void bind_run(py::module_& core) {
  core.def("write_records", &write_records_from_python, "predictor"_a, "files"_a, "options"_a, py::kw_only(),
           "write_output"_a, "copy"_a, "on_progress"_a);
  py::class_<GrowingFile>(core, "GrowingFile")
      .def(py::init(&open_growing_file), "path"_a, py::kw_only(), "fresh"_a = false)
      .def("fileno", &GrowingFile::descriptor)
      .def("truncate", &GrowingFile::truncate, "bytes"_a)
      .def("commit", &commit, "output"_a)
      .def("remove", &GrowingFile::remove);
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
