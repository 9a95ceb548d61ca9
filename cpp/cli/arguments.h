// The command line of clas_system.
#pragma once

#include <string>
#include <vector>

#include "ppinfer/config.h"
#include "ppinfer/error.h"
#include "ppinfer/image_files.h"
#include "ppinfer/run.h"
#include "ppinfer/run_text.h"

namespace ppinfer {

struct Arguments {
  enum class Action { kClassify, kShowHelp, kShowKeys, kShowVersion };
  Action action = Action::kClassify;
  CommandLine command;
  std::string help;         // with kShowHelp
  std::string config_path;  // empty: no file, the overrides name the model
  std::vector<Override> overrides;
  RunOptions run;  // without its identity
  bool quiet = false;
  std::vector<std::string> image_paths;  // with kClassify never empty, except with a list in `inputs`
  InputOptions inputs;
};

// A wrong command line. Holds every problem found.
class UsageError : public ConfigError {
 public:
  using ConfigError::ConfigError;
};

// Without -c, the first path is the config file, as in PaddleClas' call. The first path is an image if an override
// names the model and the path lacks a config's extension. Throws UsageError.
Arguments parse_arguments(int argc, const char* const* argv);

}  // namespace ppinfer
