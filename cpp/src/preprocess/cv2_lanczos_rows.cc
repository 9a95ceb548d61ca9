#include "preprocess/cv2_lanczos_rows.h"

#include <array>
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

Cv2LanczosRows::Cv2LanczosRows() : Cv2TapRows({weights_at, eight_taps_across, kEightTapBytesRead}) {}

const std::uint8_t* Cv2LanczosRows::row(int y) {
  const Down& down = down_of(y);
  LanczosLines from;
  for (int tap = 0; tap < kTaps; ++tap) {
    from.lines[tap] = line_of(down.source_rows[tap]);
    from.weights[tap] = down.weights[tap];
  }
  lanczos_down(from, region_.width, rgbx_.data());
  return rgbx_.data();
}

}  // namespace ppinfer
