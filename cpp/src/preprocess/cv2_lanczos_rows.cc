#include "preprocess/cv2_lanczos_rows.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "preprocess/cv2_places.h"

namespace ppinfer {
namespace {

constexpr int kTaps = 8;
constexpr int kTapsBefore = 3;

// sin(pi x) sin(pi x / 4) / x^2 around the taps, normalised. OpenCV has it from one sine and one cosine by the angle
// sums for steps of 45 degrees; the roundings are part of the result.
std::array<int, kTaps> weights_at(float fraction) {
  constexpr double kPi = 3.14159265358979323846, kRoot = 0.70710678118654752440;
  constexpr double kTurns[kTaps][2] = {{1, 0},  {-kRoot, -kRoot}, {0, 1},  {kRoot, -kRoot},
                                       {-1, 0}, {kRoot, kRoot},   {0, -1}, {-kRoot, kRoot}};
  const double angle = -static_cast<double>(fraction + kTapsBefore) * kPi * 0.25;
  const double sine = std::sin(angle), cosine = std::cos(angle);
  float shares[kTaps];
  float sum = 0;
  for (int tap = 0; tap < kTaps; ++tap) {
    const float distance = fraction + kTapsBefore - static_cast<float>(tap);
    if (std::fabs(distance) >= 1e-6F) {
      const double y = -static_cast<double>(distance) * kPi * 0.25;
      shares[tap] = static_cast<float>((kTurns[tap][0] * sine + kTurns[tap][1] * cosine) / (y * y));
    } else {
      shares[tap] = 1e30F;  // on the pixel itself: all others vanish beside it
    }
    sum += shares[tap];
  }
  sum = 1.F / sum;
  std::array<int, kTaps> weights{};
  for (std::size_t tap = 0; tap < kTaps; ++tap) weights[tap] = cv2_weight(shares[tap] * sum);
  return weights;
}

}  // namespace

void Cv2LanczosRows::begin(const PixelView& image, Size resized_px, const Region& region) {
  line_source_rows_.fill(-1);
  if (image.size_px != image_px_ || resized_px != resized_px_ || region != region_) {
    image_px_ = {};
    const int width = image.size_px.width, height = image.size_px.height;
    across_.clear(region.width, kTaps / 2);
    for (int x = region.x; x < region.x + region.width; ++x) {
      const auto [first, fraction] = cv2_place(x, width, resized_px.width);
      const std::array<int, kTaps> weights = weights_at(fraction);
      // Taps off the edge take the edge pixel: their weights are added to its own.
      const int start = std::clamp(first - kTapsBefore, 0, width - 1);
      std::array<int, kTaps> folded = {};
      for (int tap = 0; tap < kTaps; ++tap) {
        folded[static_cast<std::size_t>(std::clamp(first - kTapsBefore + tap, 0, width - 1) - start)] +=
            weights[static_cast<std::size_t>(tap)];
      }
      const std::int32_t pairs[] = {weight_pair(folded[0], folded[1]), weight_pair(folded[2], folded[3]),
                                    weight_pair(folded[4], folded[5]), weight_pair(folded[6], folded[7])};
      across_.add(start, pairs);
    }
    across_.pad();
    down_.clear();
    for (int y = region.y; y < region.y + region.height; ++y) {
      const auto [first, fraction] = cv2_place(y, height, resized_px.height);
      const std::array<int, kTaps> weights = weights_at(fraction);
      Down down;
      for (int tap = 0; tap < kTaps; ++tap) {
        down.source_rows[tap] = std::clamp(first - kTapsBefore + tap, 0, height - 1);
        down.weights[tap] = weights[static_cast<std::size_t>(tap)];
      }
      down_.push_back(down);
    }
    for (auto& line : lines_) line.resize(4 * padded_px(region.width));
    rgbx_.resize(4 * padded_px(region.width));
    image_px_ = image.size_px;
    resized_px_ = resized_px;
    region_ = region;
  }
  source_.begin(image, across_.row_bytes_read(kEightTapBytesRead));
}

const std::int32_t* Cv2LanczosRows::line_of(int source_y) {
  const std::size_t index = static_cast<std::size_t>(source_y) % kTaps;
  if (line_source_rows_[index] != source_y) {
    eight_taps_across(source_.at(source_y), across_.windows(), lines_[index].data());
    line_source_rows_[index] = source_y;
  }
  return lines_[index].data();
}

const std::uint8_t* Cv2LanczosRows::row(int y) {
  const Down& down = down_[static_cast<std::size_t>(y)];
  LanczosLines from;
  for (int tap = 0; tap < kTaps; ++tap) {
    from.lines[tap] = line_of(down.source_rows[tap]);
    from.weights[tap] = down.weights[tap];
  }
  lanczos_down(from, region_.width, rgbx_.data());
  return rgbx_.data();
}

}  // namespace ppinfer
