// What must be as it was for a stopped run to be resumed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "job/journal.h"
#include "ppinfer/image.h"

namespace ppinfer {

// Throws the ConfigError of a run that can't be resumed for these reasons, with the ways out.
[[noreturn]] void refuse_resume(const std::string& output_path, std::vector<std::string> reasons);

// Throws it when any key isn't as it was; it names every such key.
void require_same_identity(const std::string& output_path, const JobIdentity& then, const JobIdentity& now);

// Throws it when this input isn't the one whose record is there. `number` counts from 1.
void require_same_input(const std::string& output_path, const ImageInput& input, const InputFacts& then,
                        std::int64_t number);

}  // namespace ppinfer
