#include "ppinfer/model_files.h"

#include <pybind11/stl.h>

#include <string>

#include "bindings.h"

namespace py = pybind11;

namespace ppinfer {

void bind_model_files(py::module_& core) {
  core.def("write_pir_as_ir", &write_pir_as_ir, py::arg("program_path"), py::arg("params_path"), py::arg("out_path"),
           py::call_guard<py::gil_scoped_release>());
}

}  // namespace ppinfer
