#include "decode/orient.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "decode/pixel_cap.h"

namespace ppinfer {
namespace {

bool swaps_sides(Orientation orientation) { return orientation >= 5 && orientation <= 8; }

// Of the stored image, as against the upright one with its sides swapped back.
bool mirrors_columns(Orientation orientation) {
  return orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
}

bool mirrors_rows(Orientation orientation) {
  return orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
}

std::uint8_t* pixel_of(RgbImage& image, int x, int y) {
  return image.pixels.data() + 3 * (std::ptrdiff_t{y} * image.size_px.width + x);
}

}  // namespace

Size turned(Orientation orientation, Size size_px) {
  if (swaps_sides(orientation)) std::swap(size_px.width, size_px.height);
  return size_px;
}

Region region_before(Orientation orientation, const Region& upright, Size stored_px) {
  Region stored = upright;
  if (swaps_sides(orientation)) stored = {upright.y, upright.x, upright.height, upright.width};
  if (mirrors_columns(orientation)) stored.x = stored_px.width - stored.x - stored.width;
  if (mirrors_rows(orientation)) stored.y = stored_px.height - stored.y - stored.height;
  return stored;
}

void orient(Orientation orientation, RgbImage& image, RgbImage& scratch) {
  if (orientation < 2 || orientation > 8) return;
  allocate(scratch, turned(orientation, image.size_px));
  scratch.held = region_before(inverse(orientation), image.held, scratch.size_px);
  const Region& stored = image.held;
  const Region& upright = scratch.held;
  const bool last_column_first = mirrors_columns(orientation), last_row_first = mirrors_rows(orientation);
  const std::uint8_t* const corner = pixel_of(image, stored.x + (last_column_first ? stored.width - 1 : 0),
                                              stored.y + (last_row_first ? stored.height - 1 : 0));
  const std::ptrdiff_t along_row = last_column_first ? -3 : 3;
  const std::ptrdiff_t along_column = std::ptrdiff_t{3} * (last_row_first ? -1 : 1) * image.size_px.width;
  const std::ptrdiff_t to_right = swaps_sides(orientation) ? along_column : along_row;
  const std::ptrdiff_t to_below = swaps_sides(orientation) ? along_row : along_column;
  // Block by block, as a row of a turned image reads one pixel from each row of the stored one.
  constexpr int kBlockPx = 64;
  for (int top = 0; top < upright.height; top += kBlockPx) {
    for (int left = 0; left < upright.width; left += kBlockPx) {
      const int bottom = std::min(upright.height, top + kBlockPx), right = std::min(upright.width, left + kBlockPx);
      for (int y = top; y < bottom; ++y) {
        std::uint8_t* to = pixel_of(scratch, upright.x + left, upright.y + y);
        const std::uint8_t* from = corner + y * to_below + left * to_right;
        for (int x = left; x < right; ++x, to += 3, from += to_right) std::copy_n(from, 3, to);
      }
    }
  }
  std::swap(image, scratch);
}

}  // namespace ppinfer
