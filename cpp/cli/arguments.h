// The command line of clas_system.
#pragma once

#include <string>
#include <vector>

#include "ppinfer/config.h"
#include "ppinfer/error.h"
#include "ppinfer/image_files.h"
#include "ppinfer/run.h"

namespace ppinfer {

struct Arguments {
  enum class Action { kClassify, kShowHelp, kShowKeys, kShowVersion };
  Action action = Action::kClassify;
  std::vector<std::string> command;  // all of it, the program first
  std::string help;                  // with kShowHelp
  std::string config_path;           // empty: no file, the overrides name the model
  std::vector<Override> overrides;
  RunOptions run;  // without its identity
  bool quiet = false;
  std::vector<std::string> image_paths;  // with kClassify never empty but for a list in `inputs`
  InputOptions inputs;
};

// The command line makes no sense. Holds every problem found.
class UsageError : public ConfigError {
 public:
  using ConfigError::ConfigError;
};

// Without -c, the first path is the config file (the call of old), unless its name doesn't end like a config's and an
// override names the model. Throws UsageError.
Arguments parse_arguments(int argc, const char* const* argv);

}  // namespace ppinfer
