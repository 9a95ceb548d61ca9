// Windows icons: the largest picture in the list, read as the BMP or PNG that it is.
#pragma once

#include <cstdint>

#include "core/rgb_image.h"
#include "ppinfer/span.h"

namespace ppinfer {

// The picture with the most pixels; of those the one with the most bits a pixel. Alpha and the mask are dropped. Throws
// ImageFailure(kDecode): truncated, corrupt, more than max_pixels.
void decode_ico(Span<const std::uint8_t> bytes, std::int64_t max_pixels, RgbImage& image);

}  // namespace ppinfer
