// C++ memory as NumPy arrays, handed over without a copy.
#pragma once

#include <pybind11/numpy.h>

#include <memory>
#include <utility>
#include <vector>

#include "ppinfer/image.h"

namespace ppinfer {

// Called under the GIL. The shape's product is the number of values.
template <class T>
pybind11::array_t<T> to_array(std::vector<T> values, std::vector<pybind11::ssize_t> shape) {
  auto owned = std::make_unique<std::vector<T>>(std::move(values));
  const T* const first = owned->data();
  pybind11::capsule owner(owned.get(), [](void* memory) { delete static_cast<std::vector<T>*>(memory); });
  owned.release();
  return pybind11::array_t<T>(std::move(shape), first, owner);
}

inline pybind11::array_t<std::uint8_t> to_array(RgbPixels image) {
  return to_array(std::move(image.pixels), {image.size_px.height, image.size_px.width, 3});
}

}  // namespace ppinfer
