// BMP of 32 bits a pixel with color masks of its own, which older OpenCVs read as if they were the usual ones.
#pragma once

#include <cstdint>

#include "core/rgb_image.h"

namespace ppinfer {

// Whether `bytes`, whose header was checked (image_header.h), is such a file.
bool is_masked_bmp(Span<const std::uint8_t> bytes);

// As cv2.imread gives it. `size_px` was checked. Throws ImageFailure(kDecode) for a mask without a bit.
void decode_masked_bmp(Span<const std::uint8_t> bytes, Size size_px, RgbImage& image);

}  // namespace ppinfer
