// A tensor inside the model that the config's output_tensor makes its output: the engines' shared wording.
#pragma once

#include <string>
#include <vector>

#include "engine/engine.h"

namespace ppinfer {

// Throws the ModelError for an output_tensor that isn't among `names`, the model's tensors in the order in which they
// are computed. It guesses at what was meant, and names the last few; for "?" it names them all.
[[noreturn]] void throw_no_such_tensor(const EngineOptions& options, const std::vector<std::string>& names);

}  // namespace ppinfer
