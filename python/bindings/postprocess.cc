#include "ppinfer/postprocess.h"

#include <pybind11/stl.h>

#include <string>
#include <vector>

#include "bindings.h"
#include "python_owned.h"

namespace py = pybind11;

namespace ppinfer {
namespace {

std::vector<Result> postprocess_array(const py::object& scores, const std::vector<std::string>& paths,
                                      const std::vector<std::string>& labels, const GivenKeys& keys) {
  const auto buffer = hold_buffer(scores, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT);
  if (buffer->ndim != 2 || std::string(buffer->format) != "f") {
    throw py::value_error("expected float32 scores [images, classes]");
  }
  std::vector<Result> results;
  {
    const py::gil_scoped_release release;
    const Span<const float> values(static_cast<const float*>(buffer->buf),
                                   static_cast<std::size_t>(buffer->len) / sizeof(float));
    results = postprocess(values, static_cast<int>(buffer->shape[1]), paths, labels,
                          postprocess_settings(overrides_of(keys)));
  }
  return results;
}

}  // namespace

void bind_postprocess(py::module_& core) {
  core.def("postprocess", &postprocess_array, py::arg("scores"), py::arg("paths"), py::arg("labels"), py::arg("keys"));
}

}  // namespace ppinfer
