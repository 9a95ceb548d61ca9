#include "ppinfer/error.h"

#include "bindings.h"
#include "text.h"

namespace py = pybind11;

namespace ppinfer {
namespace {

PyObject* error_type = nullptr;  // owned by the module, which is never unloaded
PyObject* config_error_type = nullptr;
PyObject* model_error_type = nullptr;
PyObject* runtime_failure_type = nullptr;
PyObject* bad_image_error_type = nullptr;

PyObject* make_type(py::module_& core, const char* name, const char* doc, const py::handle& bases) {
  const std::string full_name = std::string("ppinfer.") + name;
  PyObject* type = PyErr_NewExceptionWithDoc(full_name.c_str(), doc, bases.ptr(), nullptr);
  if (type == nullptr) throw py::error_already_set();
  core.attr(name) = py::handle(type);
  return type;
}

void set_error(PyObject* type, const std::string& message) { PyErr_SetObject(type, to_python_text(message).ptr()); }

void set_config_error(const ConfigError& error) {
  const py::object instance = py::handle(config_error_type)(to_python_text(error.what()));
  instance.attr("problems") = to_python_texts(error.problems());
  PyErr_SetObject(config_error_type, instance.ptr());
}

void set_bad_image_error(const BadImageError& error) {
  const py::object instance = py::handle(bad_image_error_type)(to_python_text(error.what()));
  instance.attr("stage") = to_string(error.error().stage);
  instance.attr("message") = to_python_text(error.error().message);
  if (!error.path().empty()) instance.attr("path") = to_python_path(error.path());
  if (error.index()) instance.attr("index") = *error.index();
  PyErr_SetObject(bad_image_error_type, instance.ptr());
}

void translate(std::exception_ptr thrown) {
  try {
    if (thrown) std::rethrow_exception(thrown);
  } catch (const ConfigError& error) {
    set_config_error(error);
  } catch (const ModelError& error) {
    set_error(model_error_type, error.what());
  } catch (const BadImageError& error) {
    set_bad_image_error(error);
  } catch (const RuntimeFailure& error) {
    set_error(runtime_failure_type, error.what());
  } catch (const Error& error) {
    set_error(error_type, error.what());
  }
}

}  // namespace

void bind_error(py::module_& core) {
  error_type = make_type(core, "Error", "The base of all errors of ppinfer.", py::handle(PyExc_Exception));
  config_error_type =
      make_type(core, "ConfigError",
                "The config, a keyword argument or another argument is wrong. `problems` holds the problems found, one "
                "line each; of more than 20 problems the first 20, and the number of the others.",
                py::make_tuple(py::handle(error_type), py::handle(PyExc_ValueError)));
  py::handle(config_error_type).attr("problems") = py::tuple();
  model_error_type =
      make_type(core, "ModelError", "The model cannot be loaded or does not fit the config.", error_type);
  runtime_failure_type = make_type(
      core, "RuntimeFailure",
      "The run cannot continue. A bad image never raises this error: a bad image gives a Result with an error.",
      error_type);
  bad_image_error_type =
      make_type(core, "BadImageError",
                "A bad image, from functions that return no Result. `stage` and `message` are those of a Result's "
                "`error`; `path` is the image's path, or None; `index` is the image's number among several, or None.",
                error_type);
  for (const char* name : {"stage", "message"}) py::handle(bad_image_error_type).attr(name) = "";
  for (const char* name : {"path", "index"}) py::handle(bad_image_error_type).attr(name) = py::none();
  py::register_exception_translator(translate);
}

}  // namespace ppinfer
