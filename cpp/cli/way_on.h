// The command that goes on with a stopped run, as it can be pasted into a shell.
#pragma once

#include <string>
#include <vector>

namespace ppinfer {

// `command` is the run's own, with the program first. `over_limit`: it was stopped by --max-errors, which would stop it
// again at once and so is left out.
std::string resuming(const std::vector<std::string>& command, bool over_limit);

}  // namespace ppinfer
