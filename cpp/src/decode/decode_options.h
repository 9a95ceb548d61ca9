// What is wanted of a decoder.
#pragma once

#include <cstdint>
#include <functional>

#include "core/region.h"
#include "ppinfer/types.h"

namespace ppinfer {

struct DecodeOptions {
  bool exif_rotate = true;      // turn the image as its EXIF orientation asks
  std::int64_t max_pixels = 0;  // larger images are refused before their pixels are allocated; 0: no limit
  // Which part of an upright image of this size will be read. The rest may be left undecoded; the part itself is
  // bit-identical to that of the whole image. Unset: all of it. Called from the decoder's thread; may not throw.
  std::function<Region(Size)> needed_region;
  // Set: JPEGs may be decoded at 1/2, 1/4 or 1/8 of their size, which is faster and close to, but not, the exact
  // pixels; never smaller than what this makes of the upright image's size. Unset: exact.
  std::function<Size(Size)> smallest_size;
};

}  // namespace ppinfer
