// A Paddle program (.pdmodel) given another output before Paddle sees it: Paddle itself hands out what the program
// fetches, and what lies between may be gone once its passes have joined operators.
#pragma once

#include <string>

#include "engine/engine.h"

namespace ppinfer {

// The file to load for options.model_path: the file itself, or, where options.output_tensor is set, a copy in memory
// whose only output is this tensor, as a row of values for each image, and which lacks the operators that it doesn't
// need.
class ProgramFile {
 public:
  // Throws ModelError: no operator of the program makes such a tensor.
  explicit ProgramFile(const EngineOptions& options);
  ~ProgramFile();
  ProgramFile(const ProgramFile&) = delete;
  ProgramFile& operator=(const ProgramFile&) = delete;

  const std::string& path() const { return path_; }  // good as long as this lives

 private:
  std::string path_;
  int descriptor_ = -1;
};

}  // namespace ppinfer
