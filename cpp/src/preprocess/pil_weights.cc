#include "preprocess/pil_weights.h"

#include <algorithm>
#include <cmath>

#include "ppinfer/error.h"
#include "preprocess/row_kernels.h"

namespace ppinfer {
namespace {

constexpr double kPi = 3.14159265358979323846;

double sinc(double x) { return x == 0 ? 1 : std::sin(x * kPi) / (x * kPi); }

double box(double x) { return x > -0.5 && x <= 0.5 ? 1 : 0; }

double triangle(double x) { return std::max(0.0, 1 - std::abs(x)); }

double hamming(double x) {
  if (x == 0) return 1;
  if (std::abs(x) >= 1) return 0;
  const double angle = std::abs(x) * kPi;
  // Pillow's constants are float32, which moves a rounding now and then.
  return std::sin(angle) / angle * (double{0.54F} + double{0.46F} * std::cos(angle));
}

double bicubic(double x) {
  constexpr double a = -0.5;
  x = std::abs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

double lanczos(double x) { return x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0; }

struct Filter {
  double (*function)(double);
  double support_px;
};

Filter filter_of(Interpolation interpolation) {
  switch (interpolation) {
    case Interpolation::kBox:
      return {box, 0.5};
    case Interpolation::kBilinear:
      return {triangle, 1};
    case Interpolation::kHamming:
      return {hamming, 1};
    case Interpolation::kBicubic:
      return {bicubic, 2};
    case Interpolation::kLanczos:
      return {lanczos, 3};
    default:
      throw Error("Pillow has no filter for this interpolation");
  }
}

// A half added and the fraction cut off: below zero that is not what lround gives.
int rounded_as_pillow(double place) { return static_cast<int>(std::trunc(place + 0.5)); }

}  // namespace

void PilWeights::begin(Interpolation interpolation, int from_px, int to_px) {
  const Filter filter = filter_of(interpolation);
  filter_ = filter.function;
  from_px_ = from_px;
  step_px_ = static_cast<double>(from_px) / to_px;
  stretch_ = std::max(step_px_, 1.0);
  support_px_ = filter.support_px * stretch_;
  // The largest count of whole numbers within twice the support, for every rounding of its ends.
  constexpr double kRoundingError = 1e-6;
  max_taps_ = static_cast<int>(std::min<double>(std::floor(2 * support_px_ + kRoundingError) + 1, from_px));
}

const std::vector<std::int32_t>& PilWeights::of(int index) {
  const double center = (index + 0.5) * step_px_;
  first_px_ = std::max(rounded_as_pillow(center - support_px_), 0);
  const int end_px = std::min(rounded_as_pillow(center + support_px_), from_px_);
  shares_.clear();
  double total = 0;
  const double shrink = 1.0 / stretch_;
  for (int tap = 0; tap < end_px - first_px_; ++tap) {
    shares_.push_back(filter_((tap + first_px_ - center + 0.5) * shrink));
    total += shares_.back();
  }
  weights_.clear();
  for (const double share : shares_) {
    const double scaled = (total != 0 ? share / total : share) * (1 << kPilFractionBits);
    weights_.push_back(static_cast<std::int32_t>(scaled < 0 ? scaled - 0.5 : scaled + 0.5));
  }
  return weights_;
}

}  // namespace ppinfer
