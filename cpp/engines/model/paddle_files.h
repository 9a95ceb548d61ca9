// Checks the two files of a Paddle model before an inference library reads them.
//
// Paddle 3.3 crashes on a .pdmodel that isn't one, runs a PIR model without its parameters and takes parameters whose
// end is missing as they are. The framing of both files is simple enough to be checked here.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "engine/engine.h"

namespace ppinfer {

// Throws ModelError: a file that is missing, unreadable, empty, cut off or of another kind. Checks the framing, not the
// content: a flipped bit inside a tensor passes.
void check_paddle_files(const EngineOptions& options);

struct StoredTensor {
  std::uint64_t data_type = std::numeric_limits<std::uint64_t>::max();  // framework.proto's VarType.Type
  std::vector<std::uint64_t> dims;
  std::uint64_t begin = 0;  // of its values, in bytes from the file's start
  std::uint64_t bytes = 0;
};

// The tensors of a parameters file, in its order; each lies inside the file. Throws ModelError, as above.
std::vector<StoredTensor> tensors_of_params(const std::string& path);

}  // namespace ppinfer
