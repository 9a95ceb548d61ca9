// The slow twin of Pillow's resize: the whole image, pixel by pixel. Tests judge by it.
#pragma once

#include <cstdint>
#include <vector>

#include "ppinfer/types.h"

namespace ppinfer {

// [height, width, 3] without gaps in and out.
std::vector<std::uint8_t> pil_resize_reference(const std::vector<std::uint8_t>& pixels, Size from_px, Size to_px,
                                               Interpolation interpolation);

}  // namespace ppinfer
