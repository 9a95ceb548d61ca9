// WebP by libwebp.
#pragma once

#include <cstdint>

#include "core/rgb_image.h"
#include "decode/exif.h"

namespace ppinfer {

// The picture as stored and the orientation that its EXIF asks for; alpha dropped. Of an animation the first picture on
// a black canvas, as cv2.imread gives it. Throws ImageFailure(kDecode): truncated, corrupt (chunks of later pictures
// too), more than max_pixels.
Orientation decode_webp(Span<const std::uint8_t> bytes, std::int64_t max_pixels, RgbImage& image);

}  // namespace ppinfer
