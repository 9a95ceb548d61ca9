// A decoded image that owns its pixels and reuses their memory.
#pragma once

#include <cstdint>
#include <vector>

#include "core/region.h"
#include "ppinfer/image.h"

namespace ppinfer {

struct RgbImage {
  Size size_px;
  std::vector<std::uint8_t> pixels;  // [height, width, 3] RGB, rows without gaps
  Region held;                       // the part that was decoded, at its place; pixels outside are unspecified

  PixelView view() const {
    return {pixels.data(), size_px, 3 * static_cast<std::ptrdiff_t>(size_px.width), ChannelOrder::kRgb};
  }
};

}  // namespace ppinfer
