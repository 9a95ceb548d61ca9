// Whether a model's scores are probabilities, or want a softmax.
#pragma once

#include "ppinfer/span.h"

namespace ppinfer {

// No score of `scores` [N, class_count] is below 0, and each row sums to 1 within 1e-3.
bool are_probabilities(Span<const float> scores, int class_count);

bool are_in_unit_range(Span<const float> scores);  // each from 0 to 1, within 1e-2: int8 may go beyond by a step

}  // namespace ppinfer
