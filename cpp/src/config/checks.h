// Contradictions between settings that are each fine by themselves.
#pragma once

#include <string>
#include <vector>

#include "config/draft.h"

namespace ppinfer {

// Adds a problem, with the way out, for every contradiction. Keys that already have a problem are left alone.
void check_settings(const ConfigDraft& draft, std::vector<std::string>& problems);

}  // namespace ppinfer
