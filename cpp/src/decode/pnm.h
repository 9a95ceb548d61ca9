// PBM, PGM and PPM, by an own reader: they are small formats.
#pragma once

#include <cstdint>

#include "core/rgb_image.h"
#include "ppinfer/span.h"

namespace ppinfer {

// The first picture, plain or raw. Values are scaled from the file's greatest value to 255 and rounded to even, as
// Pillow scales a P6. Throws ImageFailure(kDecode): truncated, corrupt, more than max_pixels.
void decode_pnm(Span<const std::uint8_t> bytes, std::int64_t max_pixels, RgbImage& image);

}  // namespace ppinfer
