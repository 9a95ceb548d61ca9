// No pixels are allocated for a size that a header merely claims before it has passed here.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/rgb_image.h"
#include "ppinfer/types.h"

namespace ppinfer {

// The size as a Size. Throws ImageFailure(kDecode) when a side is 0 or beyond 2^20, or width * height > max_pixels (0:
// no limit).
Size checked_size(std::uint64_t width_px, std::uint64_t height_px, std::int64_t max_pixels);

// Pixels are unspecified. They can grow by `more_bytes` without being moved. Throws std::bad_alloc; `image` has the
// size then.
void allocate(RgbImage& image, Size size_px, std::size_t more_bytes = 0);

// Takes and gives back this memory: throws std::bad_alloc where there isn't enough. For libraries that don't tell a
// lack of memory from a damaged file; call it before them.
void require_memory(std::uint64_t bytes);

}  // namespace ppinfer
