// JPEG XL by the user's libjxl: few images are, and it is larger than ppinfer.
#pragma once

#include <cstdint>

#include "core/rgb_image.h"
#include "decode/exif.h"
#include "ppinfer/span.h"

namespace ppinfer {

// The picture as stored, the first of an animation, and the orientation that its header asks for; EXIF has no say in
// JPEG XL. Alpha dropped; deeper samples rounded to 8 bits. Throws ImageFailure(kDecode): truncated, corrupt, more than
// max_pixels; MachineFailure: libjxl isn't there.
Orientation decode_jpeg_xl(Span<const std::uint8_t> bytes, std::int64_t max_pixels, RgbImage& image);

}  // namespace ppinfer
