#include "preprocess/nearest_rows.h"

#include <algorithm>
#include <cmath>

namespace ppinfer {
namespace {

// Both rules on one axis: pixels [first, first + count) of `to_px`.
void nearest(ResizeBackend backend, int from_px, int to_px, int first, int count, std::vector<int>& places) {
  places.clear();
  if (backend == ResizeBackend::kCv2) {
    const double step = 1.0 / (static_cast<double>(to_px) / from_px);
    for (int index = first; index < first + count; ++index) {
      places.push_back(std::min(static_cast<int>(std::floor(index * step)), from_px - 1));
    }
    return;
  }
  // Pillow adds the step up, and leaves a pixel black whose sum has drifted over the edge.
  const double step = static_cast<double>(from_px) / to_px;
  double place = step * 0.5;
  for (int index = 0; index < first + count; ++index, place += step) {
    if (index >= first) places.push_back(place < from_px ? static_cast<int>(place) : -1);
  }
}

}  // namespace

void NearestRows::begin(const PixelView& image, Size resized_px, const Region& region) {
  image_ = image;
  nearest(backend_, image.size_px.width, resized_px.width, region.x, region.width, columns_);
  nearest(backend_, image.size_px.height, resized_px.height, region.y, region.height, rows_);
  rgbx_.resize(4 * padded_px(region.width));
}

const std::uint8_t* NearestRows::row(int y) {
  const int source_y = rows_[static_cast<std::size_t>(y)];
  const std::uint8_t* const source = source_y < 0 ? nullptr : image_.pixels + source_y * image_.row_stride_bytes;
  std::uint8_t* pixel = rgbx_.data();
  for (const int column : columns_) {
    if (source == nullptr || column < 0) {
      std::fill_n(pixel, 3, std::uint8_t{0});
    } else {
      std::copy_n(source + std::ptrdiff_t{3} * column, 3, pixel);
    }
    pixel += 4;
  }
  return rgbx_.data();
}

}  // namespace ppinfer
