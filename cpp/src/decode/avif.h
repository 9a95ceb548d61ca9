// AVIF by libavif.
#pragma once

#include <cstdint>

#include "core/rgb_image.h"
#include "decode/exif.h"

namespace ppinfer {

// The picture as stored, the first of an animation, and the orientation that its boxes (irot, imir) ask for; EXIF has
// no say in AVIF. Alpha dropped; deeper samples rounded to 8 bits. Throws ImageFailure(kDecode): truncated, corrupt,
// more than max_pixels.
Orientation decode_avif(Span<const std::uint8_t> bytes, std::int64_t max_pixels, RgbImage& image);

}  // namespace ppinfer
