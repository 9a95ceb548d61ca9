// Checks that the folders of --sort-into and --move-errors are outside the inputs of this run and of later runs.
#pragma once

#include <string>
#include <vector>

#include "ppinfer/run.h"

namespace ppinfer {

// `given`: the paths that the run's inputs come from. Throws ConfigError: a folder of `options` lies in one of these
// paths, or where a pattern looks; or one of these paths lies in a folder in options.sort_into, or is such a folder, or
// is a pattern that looks there. Files in options.sort_into itself may be sorted into the folders there.
void check_folders(const RunOptions& options, const std::vector<std::string>& given);

// Whether `path` is a folder in `folder`, or lies in such a one; links to folders are followed.
bool lies_below(const std::string& path, const std::string& folder);

}  // namespace ppinfer
