// Which of a JPEG's pixels are decoded: the scale, and the window around what is needed.
#pragma once

#include <cstdint>
#include <cstdio>  // jpeglib.h wants it

// After the standard headers, which it doesn't include itself.
#include <jpeglib.h>

#include "core/rgb_image.h"

namespace ppinfer {

// Sets the codec's scale to the smallest of 1/8, 1/4, 1/2 that keeps `smallest_px`; else to 1. After jpeg_read_header.
void choose_scale(jpeg_decompress_struct& codec, Size smallest_px);

// Starts decompressing and reads the rows of `image`, of the codec's output size, that `needed` covers, to the columns
// that it covers, and more where that is cheaper. What lies outside is gone through far enough that the codec warns of
// all that is wrong with it. `cmyk_row` takes a row of four inks; null for other files. Leaves by the codec's error
// jump: nothing here has a destructor. Returns the region that was read, which holds `needed`.
Region read_window(jpeg_decompress_struct& codec, const Region& needed, RgbImage& image, std::uint8_t* cmyk_row);

}  // namespace ppinfer
