// How much of an image's file can be of use, before all of it is read.
#pragma once

#include <cstdint>

#include "ppinfer/span.h"

namespace ppinfer {

// `start`: the first 64 KiB of the file, or all of it. `file_bytes`: its size; the largest number where that isn't
// known. Returns the bytes that the decoder may read: of a BMP those up to its last row. Throws
// ImageFailure(kDecode): `start` states more than max_pixels (0: no limit); ImageFailure(kRead): the file has more
// bytes than an image of the stated size may have.
std::uint64_t useful_file_bytes(Span<const std::uint8_t> start, std::uint64_t file_bytes, std::int64_t max_pixels);

}  // namespace ppinfer
