// GIF by giflib: Debian's OpenCV doesn't read it, newer ones do.
#pragma once

#include <cstdint>

#include "core/rgb_image.h"

namespace ppinfer {

// The first picture on its canvas, as cv2.imread gives it: what the picture leaves free of the canvas, or lets show
// through, has the background color of the file's palette; black when there is none. Throws ImageFailure(kDecode):
// truncated (anywhere, later pictures too), corrupt, more than max_pixels.
void decode_gif(Span<const std::uint8_t> bytes, std::int64_t max_pixels, RgbImage& image);

}  // namespace ppinfer
