// The k best of a row of scores.
#pragma once

#include <vector>

#include "ppinfer/span.h"

namespace ppinfer {

// Ids of the min(k, size) highest scores, best first, ties by lowest id. Scores must be finite.
void top_k(Span<const float> scores, int k, std::vector<int>& class_ids);

}  // namespace ppinfer
