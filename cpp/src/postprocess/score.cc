#include <cmath>

#include "postprocess/ops.h"

namespace ppinfer {
namespace {

class ScorePostprocessor : public Postprocessor {
 public:
  explicit ScorePostprocessor(int decimal_places)
      : rounds_(decimal_places >= 0), power_(static_cast<float>(std::pow(10.0, decimal_places))) {}

 protected:
  void fill(Span<const float> scores, Result& result) const override {
    for (const float score : scores) result.scores.push_back(rounds_ ? rounded(score) : score);
  }

 private:
  // In float32, halves to even: numpy.around's way. A score too large for that has no decimals to lose.
  float rounded(float score) const {
    const float scaled = score * power_;
    return std::isfinite(scaled) ? std::nearbyint(scaled) / power_ : score;
  }

  const bool rounds_;
  const float power_;
};

}  // namespace

PostprocessorPtr make_score_postprocessor(int decimal_places) {
  return std::make_unique<ScorePostprocessor>(decimal_places);
}

}  // namespace ppinfer
