#include <algorithm>
#include <array>

#include "postprocess/ops.h"

namespace ppinfer {
namespace {

// Places in the model's output and texts are those that PaddleClas' person attribute models were trained and shown
// with.
constexpr std::size_t kHat = 0;
constexpr std::size_t kGlasses = 1;
constexpr std::size_t kShortSleeve = 2;
constexpr std::size_t kLongSleeve = 3;
constexpr std::size_t kUpper = 4;
constexpr std::size_t kLower = 8;
constexpr std::size_t kBoots = 14;
constexpr std::size_t kBag = 15;
constexpr std::size_t kHold = 18;
constexpr std::size_t kAge = 19;
constexpr std::size_t kFemale = 22;
constexpr std::size_t kDirection = 23;

constexpr std::array kUpperNames = {"UpperStride", "UpperLogo", "UpperPlaid", "UpperSplice"};
constexpr std::array kLowerNames = {"LowerStripe", "LowerPattern", "LongCoat", "Trousers", "Shorts", "Skirt&Dress"};
constexpr std::array kBagNames = {"HandBag", "ShoulderBag", "Backpack"};
constexpr std::array kAgeNames = {"AgeLess18", "Age18-60", "AgeOver60"};
constexpr std::array kDirectionNames = {"Front", "Side", "Back"};

template <std::size_t count>
std::size_t best_of(Span<const float> scores, std::size_t first, const std::array<const char*, count>&) {
  const float* const begin = scores.begin() + first;
  return static_cast<std::size_t>(std::max_element(begin, begin + count) - begin);
}

class PersonAttributePostprocessor : public Postprocessor {
 public:
  explicit PersonAttributePostprocessor(PersonThresholds thresholds) : thresholds_(thresholds) {}

 protected:
  void fill(Span<const float> scores, Result& result) const override {
    const auto above = [&scores](std::size_t place, double threshold) {
      return static_cast<double>(scores[place]) > threshold;
    };
    const double threshold = thresholds_.attribute;
    const std::size_t bag = best_of(scores, kBag, kBagNames);
    result.attributes = {
        above(kFemale, threshold) ? "Female" : "Male",
        kAgeNames[best_of(scores, kAge, kAgeNames)],
        kDirectionNames[best_of(scores, kDirection, kDirectionNames)],
        std::string("Glasses: ") + (above(kGlasses, thresholds_.glasses) ? "True" : "False"),
        std::string("Hat: ") + (above(kHat, threshold) ? "True" : "False"),
        std::string("HoldObjectsInFront: ") + (above(kHold, thresholds_.hold) ? "True" : "False"),
        above(kBag + bag, threshold) ? kBagNames[bag] : "No bag",
        upper(scores),
        lower(scores),
        above(kBoots, threshold) ? "Boots" : "No boots",
    };
    for (std::size_t place = 0; place < scores.size(); ++place) {
      result.attribute_flags.push_back(above(place, flag_threshold(place)) ? 1 : 0);
    }
  }

 private:
  std::string upper(Span<const float> scores) const {
    std::string text = std::string("Upper: ") + (scores[kLongSleeve] > scores[kShortSleeve] ? "Long" : "Short");
    text += "Sleeve";
    append_names_above(scores, kUpper, kUpperNames, text);
    return text;
  }

  std::string lower(Span<const float> scores) const {
    std::string text = "Lower: ";
    const std::size_t bare = text.size();
    append_names_above(scores, kLower, kLowerNames, text);
    if (text.size() == bare) text += std::string(" ") + kLowerNames[best_of(scores, kLower, kLowerNames)];
    return text;
  }

  template <std::size_t count>
  void append_names_above(Span<const float> scores, std::size_t first, const std::array<const char*, count>& names,
                          std::string& text) const {
    for (std::size_t index = 0; index < count; ++index) {
      if (static_cast<double>(scores[first + index]) > thresholds_.attribute) text += std::string(" ") + names[index];
    }
  }

  // The flags of PaddleClas don't follow the threshold that the texts follow.
  double flag_threshold(std::size_t place) const {
    return place == kGlasses ? thresholds_.glasses : place == kHold ? thresholds_.hold : 0.5;
  }

  const PersonThresholds thresholds_;
};

}  // namespace

PostprocessorPtr make_person_attribute_postprocessor(PersonThresholds thresholds) {
  return std::make_unique<PersonAttributePostprocessor>(thresholds);
}

}  // namespace ppinfer
