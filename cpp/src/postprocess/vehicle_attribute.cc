#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <string_view>

#include "postprocess/ops.h"

namespace ppinfer {
namespace {

// In the order of the output of PaddleClas' vehicle attribute models: the colours, then the types.
constexpr std::array kColors = {"yellow", "orange", "green",  "gray",  "red",
                                "blue",   "white",  "golden", "brown", "black"};
constexpr std::array kTypes = {"sedan", "suv", "van", "hatchback", "mpv", "pickup", "bus", "truck", "estate"};
static_assert(kColors.size() + kTypes.size() == kVehicleScores);

// As Python's repr writes a float64, which is what PaddleClas' text holds: the shortest digits that read back the same,
// with an exponent below 1e-4 and from 1e16 on.
std::string python_number(double value) {
  char digits[400];
  const auto scientific = std::to_chars(digits, digits + sizeof digits, value, std::chars_format::scientific);
  const std::string_view text(digits, static_cast<std::size_t>(scientific.ptr - digits));
  const int exponent = std::atoi(std::string(text.substr(text.find('e') + 1)).c_str());
  if (value != 0 && (exponent < -4 || exponent >= 16)) return std::string(text);
  const auto fixed = std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed);
  std::string plain(digits, fixed.ptr);
  return plain.find('.') == std::string::npos ? plain + ".0" : plain;
}

class VehicleAttributePostprocessor : public Postprocessor {
 public:
  VehicleAttributePostprocessor(double color_threshold, double type_threshold)
      : color_threshold_(color_threshold), type_threshold_(type_threshold) {}

 protected:
  void fill(Span<const float> scores, Result& result) const override {
    const float* const colors = scores.begin();
    const float* const types = colors + kColors.size();
    result.attributes = {best("Color", colors, kColors, color_threshold_),
                         best("Type", types, kTypes, type_threshold_)};
    for (std::size_t place = 0; place < scores.size(); ++place) {
      const double threshold = place < kColors.size() ? color_threshold_ : type_threshold_;
      result.attribute_flags.push_back(static_cast<double>(scores[place]) > threshold ? 1 : 0);
    }
  }

 private:
  template <std::size_t count>
  static std::string best(const std::string& what, const float* scores, const std::array<const char*, count>& names,
                          double threshold) {
    const float* const best = std::max_element(scores, scores + count);
    const auto score = static_cast<double>(*best);
    if (!(score >= threshold)) return what + " unknown";
    return what + ": (" + names[static_cast<std::size_t>(best - scores)] + ", prob: " + python_number(score) + ")";
  }

  const double color_threshold_;
  const double type_threshold_;
};

}  // namespace

PostprocessorPtr make_vehicle_attribute_postprocessor(double color_threshold, double type_threshold) {
  return std::make_unique<VehicleAttributePostprocessor>(color_threshold, type_threshold);
}

}  // namespace ppinfer
