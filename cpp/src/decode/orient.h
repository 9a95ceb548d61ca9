// Turns and mirrors pixels.
#pragma once

#include "core/rgb_image.h"
#include "decode/exif.h"

namespace ppinfer {

// `image` becomes upright as `orientation` asks; `scratch` lends its memory and is left unspecified.
void orient(Orientation orientation, RgbImage& image, RgbImage& scratch);

}  // namespace ppinfer
