// JPEG by libjpeg-turbo, with the settings (accurate DCT, smooth chroma upsampling) that cv2.imread uses.
#pragma once

#include <cstdint>

#include "core/rgb_image.h"
#include "decode/decode_options.h"
#include "decode/exif.h"

namespace ppinfer {

// Throws ImageFailure(kDecode): truncated, corrupt, more than max_pixels. Warnings of the codec that cost no pixels,
// such as stray bytes between segments or the missing end mark of a baseline file with one scan, are ignored; warnings
// of damage count in the whole file, also outside the needed region. Returns the orientation that the pixels still
// need.
Orientation decode_jpeg(Span<const std::uint8_t> bytes, const DecodeOptions& options, RgbImage& image);

}  // namespace ppinfer
