// HEIC by the user's libheif: it and its decoders have licences that a wheel can't have.
#pragma once

#include <cstdint>

#include "core/rgb_image.h"
#include "ppinfer/span.h"

namespace ppinfer {

// The main picture, turned, mirrored and cropped as its boxes ask, which are part of it; EXIF has no say in HEIC. Alpha
// dropped; deeper samples cut to 8 bits. Throws ImageFailure(kDecode): truncated, corrupt, more than max_pixels;
// MachineFailure: libheif or its decoder isn't there.
void decode_heic(Span<const std::uint8_t> bytes, std::int64_t max_pixels, RgbImage& image);

}  // namespace ppinfer
