#include "ppinfer/image.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <utility>

#include "bindings.h"
#include "python_owned.h"

namespace py = pybind11;

namespace ppinfer {
namespace {

ImageInput from_path(std::string path) {
  ImageInput input;
  input.path = std::move(path);
  return input;
}

ImageInput from_encoded(const py::object& bytes) {
  const auto buffer = hold_buffer(bytes, PyBUF_SIMPLE);
  ImageInput input;
  input.content = EncodedImage{{static_cast<const std::uint8_t*>(buffer->buf), static_cast<std::size_t>(buffer->len)}};
  input.keep_alive = buffer;
  return input;
}

ImageInput from_pixels(const py::object& pixels, bool bgr) {
  const auto buffer = hold_buffer(pixels, PyBUF_STRIDES);
  const bool pixels_touch = buffer->ndim == 3 && buffer->itemsize == 1 && buffer->shape[2] == 3 &&
                            buffer->strides[2] == 1 && buffer->strides[1] == 3 &&
                            buffer->strides[0] >= 3 * buffer->shape[1];
  constexpr py::ssize_t kMaxSidePx = std::numeric_limits<int>::max();
  if (buffer->ndim == 3 && std::max(buffer->shape[0], buffer->shape[1]) > kMaxSidePx) {
    throw py::value_error("expected at most 2147483647 rows and columns");
  }
  if (!pixels_touch) throw py::value_error("expected uint8 pixels [height, width, 3] whose rows have no gaps inside");
  PixelView view;
  view.pixels = static_cast<const std::uint8_t*>(buffer->buf);
  view.size_px = {static_cast<int>(buffer->shape[1]), static_cast<int>(buffer->shape[0])};
  view.row_stride_bytes = buffer->strides[0];
  view.order = bgr ? ChannelOrder::kBgr : ChannelOrder::kRgb;
  ImageInput input;
  input.content = view;
  input.keep_alive = buffer;
  return input;
}

ImageInput unusable(std::string reason) {
  ImageInput input;
  input.content = UnusableInput{std::move(reason)};
  return input;
}

}  // namespace

void bind_image(py::module_& core) {
  py::class_<ImageInput>(core, "ImageInput")
      .def_static("from_path", &from_path, py::arg("path"))
      .def_static("from_encoded", &from_encoded, py::arg("buffer"))
      .def_static("from_pixels", &from_pixels, py::arg("pixels"), py::kw_only(), py::arg("bgr"))
      .def_static("unusable", &unusable, py::arg("reason"));
}

}  // namespace ppinfer
