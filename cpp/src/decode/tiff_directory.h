// Checks the first directory of a TIFF for errors that libtiff ignores.
#pragma once

#include <cstdint>

#include "ppinfer/span.h"

namespace ppinfer {

// Throws ImageFailure(kDecode), truncated, if the directory, or a value that the pixels depend on, is beyond the end of
// the file. libtiff would decode wrong pixels, such as without a color map.
void check_tiff_directory(Span<const std::uint8_t> bytes);

}  // namespace ppinfer
