// What a resumed run must have the same as the run that was stopped.
#pragma once

#include <string>
#include <vector>

#include "ppinfer/run.h"

namespace ppinfer {

// Each key and value as text that can be shown and stored: bytes that aren't UTF-8 are spelled out.
RunIdentity shown(const RunIdentity& identity);

// Throws the ConfigError of a run that can't be resumed for these reasons, with the ways out.
[[noreturn]] void refuse_resume(const std::string& output_path, std::vector<std::string> reasons);

// Throws it when any key has another value; it names every such key.
void require_same_identity(const std::string& output_path, const RunIdentity& then, const RunIdentity& now);

}  // namespace ppinfer
