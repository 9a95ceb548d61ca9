// From what the keys say of the model to the files that an engine loads.
#pragma once

#include <string>
#include <vector>

#include "config/draft.h"
#include "ppinfer/types.h"

namespace ppinfer {

// The inference.yml that belongs to the model: of model_dir, or else of the folder of cls_model_path. Empty: none is
// there.
std::string find_inference_yml(const std::string& model_dir, const std::string& cls_model_path);

// Sets cls_model_path and cls_params_path to files that are there (explicit ones win over what model_dir holds) and
// returns the format, by the extension. Adds every problem of these files and of label_path to `problems`; the format
// is then meaningless.
ModelFormat resolve_model_files(ConfigDraft& draft, std::vector<std::string>& problems);

// Adds a problem for each further file that the model's weights are in and that can't be read.
void check_weights(const ConfigDraft& draft, std::vector<std::string>& problems);

}  // namespace ppinfer
