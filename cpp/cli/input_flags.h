// The flags that say which inputs a run takes.
#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

#include "ppinfer/image_files.h"

namespace ppinfer {

class InputFlags {
 public:
  explicit InputFlags(CLI::App& app);
  // Adds to `problems` what is wrong. Patterns and the list itself are checked by ImageFiles.
  InputOptions take(std::vector<std::string>& problems);

 private:
  InputOptions options_;
  std::string shard_;
  bool no_follow_links_ = false;
};

}  // namespace ppinfer
