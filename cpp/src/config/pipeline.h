// The settings as the list of operations that an image goes through, by PaddleClas' names.
#pragma once

#include <vector>

#include "ppinfer/config.h"

namespace ppinfer {

std::vector<PipelineStep> pipeline_of(const Settings& settings, Size input_px);

}  // namespace ppinfer
