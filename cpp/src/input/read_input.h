// The bytes of an input that is known by its path.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ppinfer/image.h"

namespace ppinfer {

// As read_file, but takes the path of an archive's member too. Throws ImageFailure(kRead).
void read_input(const std::string& path, std::vector<std::uint8_t>& bytes);

// An input that is known by the path of a member alone becomes one with its bytes, or with the reason why it has none.
void hold_member(ImageInput& input);

}  // namespace ppinfer
