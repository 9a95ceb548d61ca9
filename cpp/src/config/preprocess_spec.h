// The PreProcess section of an exported model or of a PaddleClas deployment, as config keys.
#pragma once

#include <string>

#include "config/yaml_source.h"

namespace ppinfer {

// Reads transform_ops: DecodeImage, ResizeImage or CropImageAtRatio, CropImage, NormalizeImage and ToCHWImage, in an
// order that the config keys can express. What an operation leaves out is set to PaddleClas' default, and what an
// operation that is left out would have done is switched off, so that nothing of a lower layer shines through. Anything
// else becomes a problem: a part of the pipeline is never skipped.
void read_preprocess_spec(const YAML::Node& section, const std::string& subject, YamlSource& source);

}  // namespace ppinfer
