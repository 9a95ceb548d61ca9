// What an exported model says of itself in its inference.yml: how images are prepared, and the names of its classes.
#pragma once

#include <string>
#include <vector>

#include "config/layer.h"

namespace ppinfer {

struct ModelSpec {
  ConfigLayer layer;
  std::vector<std::string> labels;  // the label_list, in id order; empty: none
};

// Reads PreProcess (DecodeImage, ResizeImage, CropImage, NormalizeImage, ToCHWImage) and PostProcess (main_indicator,
// SavePreLabel and one operation of postprocess_table(), whose defaults are PaddleClas'); Global and Hpi are passed
// over. Anything else, and any parameter or value that no config key can express, is added to `problems` with path,
// line and operation: a part of the pipeline is never skipped.
ModelSpec read_inference_yml(const std::string& path, std::vector<std::string>& problems);

}  // namespace ppinfer
