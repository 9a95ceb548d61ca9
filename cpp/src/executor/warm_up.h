// The first runs of engine instances, which take longer than all that follow.
#pragma once

#include <memory>
#include <vector>

#include "core/batch_tensor.h"
#include "engine/engine.h"

namespace ppinfer {

// Every instance runs the batch so many times, and then its first image alone, for which an engine may have a model of
// its own; all of them side by side, each in a thread of its own. With no runs, nothing is done. Throws what the first
// that fails throws. Returns the scores that the first instance gave for the first image alone; empty with no runs.
std::vector<float> warm_up(const std::vector<std::unique_ptr<EngineInstance>>& instances, const BatchTensor& batch,
                           int runs);

}  // namespace ppinfer
