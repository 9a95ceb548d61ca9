// GIF. An own reader: giflib refuses codes of more than 8 bits at the start, files without their last byte and screens
// smaller than the picture, which browsers, Pillow and newer OpenCVs read.
#pragma once

#include <cstdint>

#include "core/rgb_image.h"

namespace ppinfer {

// The first picture on its canvas, as cv2.imread gives it: what the picture leaves free of the canvas, or lets show
// through, has the background color of the file's palette; black when there is none. The canvas is the file's screen,
// or larger where the picture is. Throws ImageFailure(kDecode): truncated (anywhere, later pictures too), corrupt, more
// than max_pixels. Only the byte that ends a file may be missing.
void decode_gif(Span<const std::uint8_t> bytes, std::int64_t max_pixels, RgbImage& image);

}  // namespace ppinfer
