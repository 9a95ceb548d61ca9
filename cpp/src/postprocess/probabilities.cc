#include "postprocess/probabilities.h"

#include <algorithm>
#include <cmath>

namespace ppinfer {

bool are_probabilities(Span<const float> scores, int class_count) {
  constexpr double kSumTolerance = 1e-3;  // bf16 keeps 8 bits of each of perhaps many scores
  const auto row_size = static_cast<std::size_t>(class_count);
  for (std::size_t row = 0; row + row_size <= scores.size(); row += row_size) {
    double sum = 0;
    for (std::size_t id = row; id < row + row_size; ++id) {
      if (!(scores[id] >= 0)) return false;
      sum += static_cast<double>(scores[id]);
    }
    if (!(std::fabs(sum - 1) <= kSumTolerance)) return false;
  }
  return true;
}

bool are_in_unit_range(Span<const float> scores) {
  constexpr float kSlack = 1e-2F;
  return std::all_of(scores.begin(), scores.end(), [](float score) { return score >= -kSlack && score <= 1 + kSlack; });
}

}  // namespace ppinfer
