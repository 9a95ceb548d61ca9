#include <vector>

#include "core/model_weights.h"
#include "ppinfer/config.h"

namespace ppinfer {

std::vector<std::string> files_of_model(const std::string& model_path, const std::string& params_path) {
  std::vector<std::string> files{model_path};
  if (!params_path.empty()) files.push_back(params_path);
  for (std::string& path : weights_beside(model_path)) files.push_back(std::move(path));
  return files;
}

}  // namespace ppinfer
