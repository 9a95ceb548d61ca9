// TIFF by libtiff.
#pragma once

#include <cstdint>

#include "core/rgb_image.h"
#include "decode/exif.h"

namespace ppinfer {

// The first picture of the file as stored, and its orientation; 8 bits a channel, as cv2.imread makes of it: by
// libtiff's RGBA reader, alpha dropped. Throws ImageFailure(kDecode): truncated, corrupt (strips or tiles that end
// early, too), a kind that isn't supported, a camera's raw file, more than max_pixels.
Orientation decode_tiff(Span<const std::uint8_t> bytes, std::int64_t max_pixels, RgbImage& image);

}  // namespace ppinfer
