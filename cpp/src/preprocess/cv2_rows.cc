#include "preprocess/cv2_rows.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "preprocess/cv2_places.h"

namespace ppinfer {
namespace {

// Cubic convolution with a = -0.75, in OpenCV's order of operations: the roundings are part of the result.
std::array<int, 4> bicubic_weights(float x) {
  constexpr float a = -0.75F;
  const float y = 1 - x;
  const float before = ((a * (x + 1) - 5 * a) * (x + 1) + 8 * a) * (x + 1) - 4 * a;
  const float first = ((a + 2) * x - (a + 3)) * x * x + 1;
  const float second = ((a + 2) * y - (a + 3)) * y * y + 1;
  const float after = 1.F - before - first - second;
  return {cv2_weight(before), cv2_weight(first), cv2_weight(second), cv2_weight(after)};
}

}  // namespace

void Cv2BilinearRows::begin(const PixelView& image, Size resized_px, const Region& region) {
  line_source_rows_ = {-1, -1};
  const auto place_of = places_ == Cv2Places::kArea ? cv2_area_place : cv2_place;
  if (image.size_px != image_px_ || resized_px != resized_px_ || region != region_) {
    image_px_ = {};
    const int width = image.size_px.width, height = image.size_px.height;
    // Halving is the mean of four pixels, since OpenCV takes its area method for it.
    halves_ = width == 2 * resized_px.width && height == 2 * resized_px.height;
    across_.clear(region.width, 1);
    for (int x = region.x; x < region.x + region.width; ++x) {
      auto [first, fraction] = place_of(x, width, resized_px.width);
      if (first < 0 || first >= width - 1) fraction = 0;  // off the edge, the edge pixel alone
      const std::int32_t pair =
          halves_ ? weight_pair(1, 1) : weight_pair(cv2_weight(1.F - fraction), cv2_weight(fraction));
      across_.add(halves_ ? 2 * x : std::clamp(first, 0, width - 1), &pair);
    }
    across_.pad();
    down_.clear();
    for (int y = region.y; y < region.y + region.height; ++y) {
      // Unlike along x, off the edge both weights stay, on the same row.
      const auto [first, fraction] = place_of(y, height, resized_px.height);
      if (halves_) {
        down_.push_back({{2 * y, 2 * y + 1}, {}});
      } else {
        down_.push_back({{std::clamp(first, 0, height - 1), std::clamp(first + 1, 0, height - 1)},
                         {cv2_weight(1.F - fraction), cv2_weight(fraction)}});
      }
    }
    for (auto& line : lines_) line.resize(4 * padded_px(region.width));
    rgbx_.resize(4 * padded_px(region.width));
    image_px_ = image.size_px;
    resized_px_ = resized_px;
    region_ = region;
  }
  source_.begin(image, across_.row_bytes_read(kTwoTapBytesRead));
}

const std::int16_t* Cv2BilinearRows::line_of(int source_y, int kept_source_y) {
  for (std::size_t index = 0; index < 2; ++index) {
    if (line_source_rows_[index] == source_y) return lines_[index].data();
  }
  const std::size_t index = line_source_rows_[0] == kept_source_y ? 1 : 0;
  (halves_ ? two_taps_across_unshifted : two_taps_across)(source_.at(source_y), across_.windows(),
                                                          lines_[index].data());
  line_source_rows_[index] = source_y;
  return lines_[index].data();
}

const std::uint8_t* Cv2BilinearRows::row(int y) {
  const Down& down = down_[static_cast<std::size_t>(y)];
  const std::int16_t* const upper = line_of(down.source_rows[0], down.source_rows[1]);
  const std::int16_t* const lower = line_of(down.source_rows[1], down.source_rows[0]);
  const int width = region_.width;
  if (halves_) {
    halve_down(upper, lower, width, rgbx_.data());
  } else {
    bilinear_down({{upper, lower}, {down.weights[0], down.weights[1]}}, width, rgbx_.data());
  }
  return rgbx_.data();
}

Cv2BicubicRows::Cv2BicubicRows() : Cv2TapRows({bicubic_weights, four_taps_across, kFourTapBytesRead}) {}

// OpenCV takes eight bytes of a row at a time in float32, and what is left over at its end in integers.
void Cv2BicubicRows::redo_last_bytes(const Down& down) {
  const int first_integer_byte = 3 * resized_px_.width / 8 * 8;
  for (int byte = std::max(first_integer_byte, 3 * region_.x); byte < 3 * (region_.x + region_.width); ++byte) {
    const std::size_t index = static_cast<std::size_t>(byte / 3 - region_.x) * 4 + static_cast<std::size_t>(byte % 3);
    std::int64_t sum = 1 << 21;
    for (int tap = 0; tap < 4; ++tap) {
      sum += std::int64_t{lines_[place_of_line(down.source_rows[tap])][index]} * down.weights[tap];
    }
    rgbx_[index] = static_cast<std::uint8_t>(std::clamp<std::int64_t>(sum >> 22, 0, 255));
  }
}

const std::uint8_t* Cv2BicubicRows::row(int y) {
  const Down& down = down_of(y);
  constexpr float kScale = 1.F / (kCv2WeightUnit * kCv2WeightUnit);
  BicubicLines from;
  for (int tap = 0; tap < 4; ++tap) {
    from.lines[tap] = line_of(down.source_rows[tap]);
    from.weights[tap] = static_cast<float>(down.weights[tap]) * kScale;
  }
  bicubic_down(from, region_.width, rgbx_.data());
  redo_last_bytes(down);
  return rgbx_.data();
}

}  // namespace ppinfer
