// The slow twin: the same plan, one plain pass an operation, as the Python deployment does it. Tests judge by it.
#pragma once

#include <vector>

#include "ppinfer/image.h"
#include "preprocess/plan.h"

namespace ppinfer {

std::vector<float> preprocess_reference(const PreprocessPlan& plan, const PixelView& image);  // CHW

}  // namespace ppinfer
