// BMP's run-length encodings, of 4 and 8 bits a pixel.
#pragma once

#include <array>
#include <cstdint>
#include <functional>

#include "ppinfer/span.h"
#include "ppinfer/types.h"

namespace ppinfer {

using BmpPalette = std::array<std::array<std::uint8_t, 3>, 256>;  // RGB

// Writes every pixel of the `size_px` through `row`, which gives the RGB of a stored row. Pixels that the data skip
// have the palette's first color. Throws ImageFailure(kDecode): truncated, corrupt.
void read_bmp_runs(Span<const std::uint8_t> data, bool has_4_bits, const BmpPalette& palette, Size size_px,
                   const std::function<std::uint8_t*(int)>& row);

}  // namespace ppinfer
