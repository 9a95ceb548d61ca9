#include "run_options.h"

#include <pybind11/pybind11.h>

#include <string>

#include "bindings.h"
#include "text.h"
#include "value_type.h"

namespace py = pybind11;

namespace ppinfer {
namespace {

constexpr const char* kFields[] = {"output",     "format",    "resume",  "force",      "errors",
                                   "max_errors", "sort_into", "sort_by", "move_errors"};

std::string path_or_empty(const py::object& path) { return path.is_none() ? "" : to_bytes_of_path(path); }

py::object path_or_none(const std::string& path) {
  return path.empty() ? py::object(py::none()) : to_python_path(path);
}

PythonRunOptions make_options(const py::object& output, const std::string& format, bool resume, bool force,
                              const py::object& errors, const py::object& max_errors, const py::object& sort_into,
                              const std::string& sort_by, const py::object& move_errors) {
  PythonRunOptions given;
  RunOptions& options = given.options;
  options.output_path = to_bytes_of_path(output);
  given.format = format;
  options.resume = resume;
  options.force = force;
  options.errors_path = path_or_empty(errors);
  if (!max_errors.is_none()) {
    given.max_errors = py::str(max_errors).cast<std::string>();
    options.limit = parse_error_limit("max errors", given.max_errors);
  }
  options.sort_into = path_or_empty(sort_into);
  given.sort_by = sort_by;
  options.sort_by = parse_sort_by(sort_by);
  options.move_errors = path_or_empty(move_errors);
  return given;
}

py::object max_errors_of(const PythonRunOptions& given) {
  return given.max_errors.empty() ? py::object(py::none()) : to_python_text(given.max_errors);
}

py::tuple fields_of(const PythonRunOptions& given) {
  const RunOptions& options = given.options;
  return py::make_tuple(to_python_path(options.output_path), given.format, options.resume, options.force,
                        path_or_none(options.errors_path), max_errors_of(given), path_or_none(options.sort_into),
                        given.sort_by, path_or_none(options.move_errors));
}

}  // namespace

void bind_run_options(py::module_& core) {
  using namespace py::literals;
  const auto path_of = [](auto member) {
    return [member](const PythonRunOptions& given) { return path_or_none(given.options.*member); };
  };
  const auto flag_of = [](auto member) {
    return [member](const PythonRunOptions& given) { return given.options.*member; };
  };
  py::class_<PythonRunOptions> options(core, "RunOptions",
                                       "Where records and image files go, and what happens when a run is stopped.");
  options
      .def(py::init(&make_options), "output"_a, "format"_a = "jsonl", "resume"_a = false, "force"_a = false,
           "errors"_a = py::none(), "max_errors"_a = py::none(), "sort_into"_a = py::none(), "sort_by"_a = "copy",
           "move_errors"_a = py::none(), "Raises ConfigError: max_errors or sort_by is wrong.")
      .def_property_readonly(
          "output", [](const PythonRunOptions& given) { return to_python_path(given.options.output_path); },
          "The output file. During the run, the records are in `OUTPUT.part`, beside `OUTPUT.manifest`. \"-\" is "
          "standard output. What is not a regular file (a pipe, a device) is written directly, and can't be resumed.")
      .def_readonly("format", &PythonRunOptions::format, "One of outputs.formats.FORMATS.")
      .def_property_readonly(
          "resume", flag_of(&RunOptions::resume),
          "Continue the records that a stopped run has left; where there was none, begin with the first input.")
      .def_property_readonly("force", flag_of(&RunOptions::force), "Start over, whatever a stopped run has left.")
      .def_property_readonly("errors", path_of(&RunOptions::errors_path),
                             "A file for the records of bad images, in addition, in the format of its extension, else "
                             "of `output` (jsonl beside parquet and npy).")
      .def_property_readonly("max_errors", &max_errors_of,
                             "End early when there are more errors, or with \"2%\" a larger share of them from 100 "
                             "images on. Those from before a resume count too.")
      .def_property_readonly("sort_into", path_of(&RunOptions::sort_into),
                             "A folder that gets a folder a class, with the images of it.")
      .def_readonly("sort_by", &PythonRunOptions::sort_by,
                    "\"copy\", \"hardlink\" or \"symlink\"; members of archives are always copied.")
      .def_property_readonly("move_errors", path_of(&RunOptions::move_errors),
                             "A folder for images that failed at decode or preprocess; they are moved at the end of a "
                             "complete run.");
  define_fields(options, "RunOptions", kFields, [](const PythonRunOptions& given) { return fields_of(given); });
}

}  // namespace ppinfer
