// YAML files that say how a model is run: the inference.yml that an exported model has beside it, and the
// inference_cls.yaml that PaddleClas' Python deployment is driven by.
#pragma once

#include <string>
#include <vector>

#include "config/layer.h"

namespace ppinfer {

struct ModelSpec {
  ConfigLayer layer;
  std::vector<std::string> labels;  // the label_list, in id order; empty: none
};

// Reads PreProcess (see preprocess_spec.h) and PostProcess (postprocess_spec.h) as the layer kModelSpec; Global and Hpi
// are skipped. Operations that no config key can express are added to `problems` with path, line and operation.
ModelSpec read_inference_yml(const std::string& path, std::vector<std::string>& problems);

// The same sections, and of Global what says how to run, as the layer kFile. Paths in it are as seen from the file's
// folder or, where nothing is there, from the working directory, which is how PaddleClas takes them.
ModelSpec read_deployment_yaml(const std::string& path, std::vector<std::string>& problems);

bool is_yaml_file_name(const std::string& path);

}  // namespace ppinfer
