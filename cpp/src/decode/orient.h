// Turns and mirrors pixels.
#pragma once

#include "core/rgb_image.h"
#include "decode/exif.h"

namespace ppinfer {

// The size that an image of `size_px` has after turning; also the way back.
Size turned(Orientation orientation, Size size_px);

// Where `upright`, a part of the image as `orientation` asks for, lies in the stored image of `stored_px`.
Region region_before(Orientation orientation, const Region& upright, Size stored_px);

// `image` becomes upright as `orientation` asks; `scratch` lends its memory and is left unspecified.
void orient(Orientation orientation, RgbImage& image, RgbImage& scratch);

}  // namespace ppinfer
