// PNG by libpng. OpenCV could read it too, but prints to stderr what is wrong with a bad file.
#pragma once

#include <cstdint>

#include "core/rgb_image.h"
#include "decode/exif.h"

namespace ppinfer {

// 16 bits a channel are cut to 8, palettes resolved, alpha dropped, as cv2.imread does. Throws ImageFailure(kDecode):
// truncated, corrupt, more than max_pixels. A file that ends once all rows are there is taken, be it
// before the checksums of their data. Nothing is allocated for
// a length that a chunk claims and the file doesn't have. Returns the orientation that the pixels still need.
Orientation decode_png(Span<const std::uint8_t> bytes, std::int64_t max_pixels, RgbImage& image);

}  // namespace ppinfer
