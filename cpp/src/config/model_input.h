// The image input that a model's file declares, read without an engine.
#pragma once

#include <string>
#include <vector>

#include "ppinfer/types.h"

namespace ppinfer {

struct ModelInput {
  Size sides_px;                      // of an input [N, channels, height, width]; 0x0: open, or not declared so
  std::vector<std::string> metadata;  // what the file says of its use, by its keys; ppinfer doesn't read it
};

// Reads the structure of .onnx, .pdmodel, .xml and PIR .json, and skips the weights. Never throws: a damaged file, or a
// file of another kind, gives an empty result, because the engine reports its error.
ModelInput read_model_input(const std::string& path, ModelFormat format);

}  // namespace ppinfer
