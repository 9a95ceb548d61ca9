// Animated WebP: its first picture. Debian's OpenCV reads single pictures only, so this makes one of it.
#pragma once

#include <cstdint>

#include "core/rgb_image.h"

namespace ppinfer {

// The first picture on a black canvas of `canvas_px`, which was checked, as cv2.imread gives it. Throws
// ImageFailure(kDecode): corrupt, no picture on the canvas.
void decode_animated_webp(Span<const std::uint8_t> bytes, Size canvas_px, RgbImage& image);

}  // namespace ppinfer
