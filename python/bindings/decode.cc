#include "ppinfer/decode.h"

#include <pybind11/stl.h>

#include <optional>

#include "arrays.h"
#include "bindings.h"

namespace py = pybind11;

namespace ppinfer {
namespace {

py::array_t<std::uint8_t> decode_image(const ImageInput& input, bool exif_rotate,
                                       std::optional<std::int64_t> max_pixels) {
  DecodeLimits limits;
  limits.exif_rotate = exif_rotate;
  if (max_pixels) limits.max_pixels = *max_pixels;
  RgbPixels image;
  {
    const py::gil_scoped_release release;
    image = decode(input, limits);
  }
  return to_array(std::move(image));
}

}  // namespace

void bind_decode(py::module_& core) {
  core.def("decode", &decode_image, py::arg("image"), py::arg("exif_rotate"), py::arg("max_pixels"));
}

}  // namespace ppinfer
