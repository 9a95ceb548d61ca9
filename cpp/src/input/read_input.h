// The bytes of an input that is known by its path.
#pragma once

#include <cstdint>
#include <vector>

#include "ppinfer/image.h"

namespace ppinfer {

// As read_file, but of the member of an archive too, and of a named pipe where the input wasn't a file when it was
// found.
void read_input(const ImageInput& input, std::vector<std::uint8_t>& bytes);

}  // namespace ppinfer
