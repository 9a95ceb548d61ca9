// The kind of a model's path, such as the path of `-m`.
#pragma once

#include <string>

namespace [[gnu::visibility("default")]] ppinfer {

struct ModelPlace {
  std::string key;          // "model_dir": a folder; "cls_model_path": a model's file, by its ending; empty: neither
  std::string config_path;  // of a folder that `ppinfer convert` or `quantize` made: the config.txt they wrote there
};

ModelPlace model_place(const std::string& path);

}  // namespace ppinfer
