// Where OpenCV's resize takes a resized pixel from, on one axis. The order of operations is part of the result.
#pragma once

#include <cmath>

namespace ppinfer {

struct Cv2Place {  // the source pixel before the resized one, and how far the resized one is on the way to the next
  int first;
  float fraction;
};

inline double cv2_step(int from_px, int to_px) { return 1.0 / (static_cast<double>(to_px) / from_px); }

inline Cv2Place cv2_place(int index, int from_px, int to_px) {
  const auto place = static_cast<float>((index + 0.5) * cv2_step(from_px, to_px) - 0.5);
  const int first = static_cast<int>(std::floor(place));
  return {first, place - static_cast<float>(first)};
}

// The place in the area method where a side doesn't shrink: a pixel is mixed only where a border of two lies in it.
inline Cv2Place cv2_area_place(int index, int from_px, int to_px) {
  const int first = static_cast<int>(std::floor(index * cv2_step(from_px, to_px)));
  const auto fraction = static_cast<float>((index + 1) - (first + 1) * (static_cast<double>(to_px) / from_px));
  return {first, fraction <= 0 ? 0.F : fraction - std::floor(fraction)};
}

constexpr int kCv2WeightUnit = 2048;
inline int cv2_weight(float share) { return static_cast<int>(std::nearbyint(share * kCv2WeightUnit)); }

}  // namespace ppinfer
