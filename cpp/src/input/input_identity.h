// What makes the inputs of a run these, and no others.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "ppinfer/image_files.h"

namespace ppinfer {

// As ImageFiles::identity() says.
std::vector<std::pair<std::string, std::string>> input_identity(const std::vector<std::string>& paths,
                                                                const InputOptions& options);

}  // namespace ppinfer
