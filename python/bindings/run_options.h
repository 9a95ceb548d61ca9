// RunOptions as Python has them: the C++ options with the texts that they were given by.
#pragma once

#include <string>

#include "ppinfer/run.h"

namespace ppinfer {

struct PythonRunOptions {
  RunOptions options;
  std::string format;  // also one that Python writes, for which the core's is kVectors
  std::string max_errors;
  std::string sort_by;
};

}  // namespace ppinfer
