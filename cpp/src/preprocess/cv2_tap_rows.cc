#include "preprocess/cv2_tap_rows.h"

#include <algorithm>

#include "preprocess/cv2_places.h"

namespace ppinfer {

template <int taps>
void Cv2TapRows<taps>::begin(const PixelView& image, Size resized_px, const Region& region) {
  line_source_rows_.fill(-1);
  if (image.size_px != image_px_ || resized_px != resized_px_ || region != region_) {
    image_px_ = {};
    resized_px_ = resized_px;
    region_ = region;
    prepare(image.size_px);
    image_px_ = image.size_px;
  }
  source_.begin(image, across_.row_bytes_read(method_.bytes_read));
}

template <int taps>
void Cv2TapRows<taps>::prepare(Size image_px) {
  constexpr int kBefore = taps / 2 - 1;  // taps before the place
  across_.clear(region_.width, taps / 2);
  for (int x = region_.x; x < region_.x + region_.width; ++x) {
    const auto [first, fraction] = cv2_place(x, image_px.width, resized_px_.width);
    const Weights weights = method_.weights_at(fraction);
    // Taps off the edge take the edge pixel: their weights are added to its own.
    const int start = std::clamp(first - kBefore, 0, image_px.width - 1);
    Weights folded = {};
    for (int tap = 0; tap < taps; ++tap) {
      folded[static_cast<std::size_t>(std::clamp(first - kBefore + tap, 0, image_px.width - 1) - start)] +=
          weights[static_cast<std::size_t>(tap)];
    }
    std::int32_t pairs[taps / 2];
    for (std::size_t pair = 0; pair < taps / 2; ++pair) {
      pairs[pair] = weight_pair(folded[2 * pair], folded[2 * pair + 1]);
    }
    across_.add(start, pairs);
  }
  across_.pad();
  down_.clear();
  for (int y = region_.y; y < region_.y + region_.height; ++y) {
    const auto [first, fraction] = cv2_place(y, image_px.height, resized_px_.height);
    const Weights weights = method_.weights_at(fraction);
    Down down;
    for (int tap = 0; tap < taps; ++tap) {
      down.source_rows[tap] = std::clamp(first - kBefore + tap, 0, image_px.height - 1);
      down.weights[tap] = weights[static_cast<std::size_t>(tap)];
    }
    down_.push_back(down);
  }
  for (auto& line : lines_) line.resize(4 * padded_px(region_.width));
  rgbx_.resize(4 * padded_px(region_.width));
}

template <int taps>
const std::int32_t* Cv2TapRows<taps>::line_of(int source_y) {
  const std::size_t place = place_of_line(source_y);
  if (line_source_rows_[place] != source_y) {
    method_.across(source_.at(source_y), across_.windows(), lines_[place].data());
    line_source_rows_[place] = source_y;
  }
  return lines_[place].data();
}

template class Cv2TapRows<4>;
template class Cv2TapRows<8>;

}  // namespace ppinfer
