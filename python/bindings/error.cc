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

void translate(std::exception_ptr thrown) {
  try {
    if (thrown) std::rethrow_exception(thrown);
  } catch (const ConfigError& error) {
    set_config_error(error);
  } catch (const ModelError& error) {
    set_error(model_error_type, error.what());
  } catch (const RuntimeFailure& error) {
    set_error(runtime_failure_type, error.what());
  } catch (const Error& error) {
    set_error(error_type, error.what());
  }
}

}  // namespace

void bind_error(py::module_& core) {
  error_type = make_type(core, "Error", "Every error that ppinfer raises of its own.", py::handle(PyExc_Exception));
  config_error_type =
      make_type(core, "ConfigError",
                "The config, an override or an argument is wrong. `problems` holds every problem found, a line each.",
                py::make_tuple(py::handle(error_type), py::handle(PyExc_ValueError)));
  py::handle(config_error_type).attr("problems") = py::tuple();
  model_error_type =
      make_type(core, "ModelError", "The model cannot be loaded or does not fit the config.", error_type);
  runtime_failure_type =
      make_type(core, "RuntimeFailure",
                "The run cannot go on. A bad image is never one of these: it is a Result with an error.", error_type);
  py::register_exception_translator(translate);
}

}  // namespace ppinfer
