// The first runs of engine instances, which take longer than all that follow.
#pragma once

#include <memory>
#include <vector>

#include "core/batch_tensor.h"
#include "engine/engine.h"

namespace ppinfer {

// Every instance runs the batch `runs` times, and then the batch's first image alone, for which an engine may have a
// separate model. Each instance runs in its own thread. Throws the exception of the first instance that fails. Returns
// the scores of the first instance for the single image; empty if `runs` is 0.
std::vector<float> warm_up(const std::vector<std::unique_ptr<EngineInstance>>& instances, const BatchTensor& batch,
                           int runs);

}  // namespace ppinfer
