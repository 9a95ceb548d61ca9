// BMP: Windows' and OS/2's, plain, with color masks, run-length encoded.
#pragma once

#include <cstdint>

#include "core/rgb_image.h"

namespace ppinfer {

// As cv2.imread gives it, alpha dropped. Throws ImageFailure(kDecode): truncated, corrupt, a kind that isn't supported,
// more than max_pixels. Bytes that only fill up the last row may be missing.
void decode_bmp(Span<const std::uint8_t> bytes, std::int64_t max_pixels, RgbImage& image);

}  // namespace ppinfer
