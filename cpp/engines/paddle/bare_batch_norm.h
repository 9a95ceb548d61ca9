// Batch norms without a weight or a bias (`weight_attr=False`). Paddle's kernels of oneDNN (3.3.1) read both without
// asking whether they are there, which ends the process: such a model is refused before Paddle loads it.
#pragma once

#include "engine/engine.h"

namespace ppinfer {

// Throws ModelError: use_mkldnn is on, and the model has such a batch norm.
void check_batch_norms(const EngineOptions& options);

}  // namespace ppinfer
