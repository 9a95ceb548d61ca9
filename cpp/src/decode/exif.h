// Which way up the camera was held.
#pragma once

#include <cstdint>

#include "ppinfer/span.h"

namespace ppinfer {

// EXIF's Orientation, 1 to 8: 1 as stored, 2 mirrored left-right, 3 turned by 180 degrees, 4 mirrored top-bottom,
// 5 transposed, 6 to be turned clockwise, 7 transposed along the other diagonal, 8 to be turned counter-clockwise.
using Orientation = int;

// `block` begins at the TIFF header ("II" or "MM"), after "Exif\0\0" where that stands. 1 when it holds no orientation
// or no sense. Untrusted.
Orientation exif_orientation(Span<const std::uint8_t> block);

// What undoes it.
Orientation inverse(Orientation orientation);

}  // namespace ppinfer
