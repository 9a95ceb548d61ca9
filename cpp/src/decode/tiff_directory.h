// What libtiff would pass over in the first directory of a TIFF.
#pragma once

#include <cstdint>

#include "ppinfer/span.h"

namespace ppinfer {

// Throws ImageFailure(kDecode), truncated, where the directory, or a value of it that the pixels depend on, isn't in
// the file: libtiff goes on without a color map, say, to wrong pixels.
void check_tiff_directory(Span<const std::uint8_t> bytes);

}  // namespace ppinfer
