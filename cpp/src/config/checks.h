// Contradictions between settings that are each fine by themselves.
#pragma once

#include <string>
#include <vector>

#include "config/draft.h"

namespace ppinfer {

// Adds a problem, with its remedy, for every contradiction. Skips keys that already have a problem.
void check_settings(const ConfigDraft& draft, std::vector<std::string>& problems);

}  // namespace ppinfer
