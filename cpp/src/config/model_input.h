// What a model's file declares of its image input, told without an engine.
#pragma once

#include <string>
#include <vector>

#include "ppinfer/types.h"

namespace ppinfer {

struct ModelInput {
  Size sides_px;                      // of an input [N, channels, height, width]; 0x0: open, or not declared so
  std::vector<std::string> metadata;  // what the file says of its use, by its keys; ppinfer doesn't read it
};

// Reads the structure of .onnx, .pdmodel, .xml and PIR .json, and passes over the weights. Never throws: of a file that
// is damaged or of another kind nothing is told, as the engine says what is wrong with it.
ModelInput read_model_input(const std::string& path, ModelFormat format);

}  // namespace ppinfer
