#include "model/probe.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <sstream>

namespace ppinfer {
namespace {

constexpr int kCoarseCells = 8;  // a side

// What a precision makes of a sound model's scores.
struct Tolerance {
  double rounding;   // relative, of one value
  double responses;  // times the model's response to `rounding`
  double of_span;    // at least this
  double most;       // of the span: beyond it no model's conditioning is an excuse
  double of_scores;  // of the largest score, beside all of the above
};

Tolerance tolerance_of(Precision precision) {
  if (precision == Precision::kFp32) return {1e-6, 10, 1e-3, 0.25, 1e-5};
  return {1.0 / 256, 10, 0.1, 0.5, 0.01};
}

class Noise {
 public:
  explicit Noise(unsigned seed) : generator_(seed) {}
  float next() { return static_cast<float>(generator_() >> 8) / 8388608.0F - 1; }  // [-1, 1)

 private:
  std::mt19937 generator_;
};

void fill_plane(float* plane, Size size_px, float brightness, float contrast, Noise& noise) {
  float coarse[kCoarseCells][kCoarseCells];
  for (auto& row : coarse) std::generate(std::begin(row), std::end(row), [&] { return noise.next(); });
  for (int y = 0; y < size_px.height; ++y) {
    for (int x = 0; x < size_px.width; ++x) {
      const auto cell = [](int at, int side) { return static_cast<std::int64_t>(at) * kCoarseCells / side; };
      const float mixed = 1.2F * coarse[cell(y, size_px.height)][cell(x, size_px.width)] + 0.8F * noise.next();
      *plane++ = brightness + contrast * mixed;
    }
  }
}

}  // namespace

BatchTensor probe_images(int count, Size size_px, int channels, unsigned seed) {
  BatchTensor images(count, size_px, channels);
  Noise noise(seed);
  const std::size_t plane_values = static_cast<std::size_t>(size_px.width) * static_cast<std::size_t>(size_px.height);
  for (int image = 0; image < count; ++image) {
    const bool is_odd = (static_cast<unsigned>(image) + seed) % 2 != 0;
    // A fourth channel stays zero, as preprocessing leaves it.
    for (int channel = 0; channel < std::min(channels, 3); ++channel) {
      fill_plane(images.slot(image) + static_cast<std::size_t>(channel) * plane_values, size_px, is_odd ? 0.5F : 0.0F,
                 is_odd ? 0.6F : 1.0F, noise);
    }
  }
  return images;
}

BatchTensor rounded_otherwise(const BatchTensor& images, Precision precision) {
  BatchTensor moved(images.capacity(), images.size_px(), images.channels());
  const auto rounding = static_cast<float>(tolerance_of(precision).rounding);
  Noise noise(1);
  const std::size_t values = images.slot_values() * static_cast<std::size_t>(images.capacity());
  std::transform(images.values(), images.values() + values, moved.values(),
                 [&](float value) { return noise.next() < 0 ? value * (1 - rounding) : value * (1 + rounding); });
  return moved;
}

std::string disagreement(Span<const float> trusted, Span<const float> nudged, Span<const float> tested,
                         Precision precision) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  double least = kInfinity, most = -kInfinity, response = 0, difference = 0;
  for (std::size_t i = 0; i < trusted.size(); ++i) {
    const double score = static_cast<double>(trusted[i]);
    if (!std::isfinite(score)) continue;
    least = std::min(least, score);
    most = std::max(most, score);
    if (std::isfinite(nudged[i])) response = std::max(response, std::fabs(score - static_cast<double>(nudged[i])));
    if (!std::isfinite(tested[i])) return "a score of the engine is not finite";
    difference = std::max(difference, std::fabs(score - static_cast<double>(tested[i])));
  }
  if (least > most) return "";  // no finite score to compare
  const Tolerance tolerance = tolerance_of(precision);
  const double span = most - least;
  const double allowed = std::min(tolerance.most * span, tolerance.of_span * span + tolerance.responses * response) +
                         tolerance.of_scores * std::max(std::fabs(least), std::fabs(most));
  if (difference <= allowed) return "";
  std::ostringstream text;
  text.precision(3);
  text << "a score differs by " << difference << " (allowed: " << allowed << "; scores range from " << least << " to "
       << most << ")";
  return text.str();
}

}  // namespace ppinfer
