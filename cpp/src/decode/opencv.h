// The formats that are left to OpenCV: BMP, WebP, TIFF.
#pragma once

#include "core/rgb_image.h"
#include "decode/sniff.h"

namespace ppinfer {

// `size_px`: what the header said, and what the pixels must turn out to be, either way round. TIFF comes out upright,
// the others as stored. Throws ImageFailure(kDecode).
void decode_with_opencv(ImageKind kind, Span<const std::uint8_t> bytes, Size size_px, RgbImage& image);

}  // namespace ppinfer
