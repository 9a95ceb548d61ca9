// The passes of Paddle's that aren't let near a model, since with them it crashes or gives other scores.
#pragma once

#include "engine/engine.h"
#include "paddle_abi.h"

namespace ppinfer {

void delete_wrong_passes(paddle::AnalysisConfig& config, ModelFormat format);

}  // namespace ppinfer
