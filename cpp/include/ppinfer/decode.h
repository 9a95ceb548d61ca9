// Decodes whole image files without a predictor, to Predictor's pixels.
#pragma once

#include <cstdint>

#include "ppinfer/config.h"
#include "ppinfer/image.h"

namespace [[gnu::visibility("default")]] ppinfer {

struct DecodeLimits {  // as the config's keys of these names
  bool exif_rotate = Settings().exif_rotate;
  std::int64_t max_pixels = Settings().max_pixels;  // 0: no limit
};

// The pixels that cv2.imread gives, as RGB. Two exceptions: the EXIF orientation of WebP is followed, and so are color
// masks behind a BMP header of 40 bytes. An animation gives its first picture; the chunks or blocks of later pictures
// must be whole; their pixels are not decoded. Throws BadImageError. Thread-safe.
RgbPixels decode(const ImageInput& input, const DecodeLimits& limits = {});

}  // namespace ppinfer
