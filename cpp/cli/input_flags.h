// The flags that select the inputs of a run.
#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

#include "ppinfer/image_files.h"

namespace ppinfer {

class InputFlags {
 public:
  explicit InputFlags(CLI::App& app);
  // Adds every problem to `problems`. ImageFiles checks the patterns and the list itself.
  InputOptions take(std::vector<std::string>& problems);

 private:
  InputOptions options_;
  std::string shard_;
  bool no_follow_links_ = false;
};

}  // namespace ppinfer
