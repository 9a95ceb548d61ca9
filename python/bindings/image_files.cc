#include "ppinfer/image_files.h"

#include <pybind11/stl.h>

#include <string>
#include <vector>

#include "bindings.h"
#include "text.h"

namespace py = pybind11;

namespace ppinfer {
namespace {

py::str next_path(ImageFiles& files) {
  ImageInput input;
  bool there_is = false;
  {
    const py::gil_scoped_release waits_for_the_disk;
    there_is = files.next(input);
  }
  if (!there_is) throw py::stop_iteration();
  return to_python_path(input.path);
}

}  // namespace

void bind_image_files(py::module_& core) {
  py::class_<ImageFiles>(core, "ImageFiles")
      .def(py::init<std::vector<std::string>>(), py::arg("paths"))
      .def("__iter__", [](py::object self) { return self; })
      .def("__next__", &next_path)
      .def_property_readonly("skipped", &ImageFiles::skipped);
}

}  // namespace ppinfer
