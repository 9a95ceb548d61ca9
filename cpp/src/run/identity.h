// The properties that must be equal in a stopped run and the run that resumes it.
#pragma once

#include <string>
#include <vector>

#include "ppinfer/run.h"

namespace ppinfer {

// Each key and value as text that can be shown and stored: bytes that aren't UTF-8 are spelled out.
RunIdentity shown(const RunIdentity& identity);

// Throws the ConfigError of a run that can't be resumed for these reasons, with the remedies.
[[noreturn]] void refuse_resume(const std::string& output_path, std::vector<std::string> reasons);

// Names each key that is new, missing or changed; empty: none. The order of keys doesn't matter.
std::vector<std::string> identity_changes(const RunIdentity& then, const RunIdentity& now);

}  // namespace ppinfer
