// The PostProcess section of an exported model or of a PaddleClas deployment, as config keys.
#pragma once

#include <string>
#include <vector>

#include "config/yaml_source.h"

namespace ppinfer {

// Reads main_indicator, SavePreLabel and one operation of postprocess_table(), whose defaults are PaddleClas'. The
// names of a label_list go to `labels`, in id order.
void read_postprocess_spec(const YAML::Node& section, const std::string& subject, YamlSource& source,
                           std::vector<std::string>& labels);

}  // namespace ppinfer
