// The bytes of an input that is known by its path.
#pragma once

#include <cstdint>
#include <vector>

#include "input/read_file.h"
#include "ppinfer/image.h"

namespace ppinfer {

// As read_file, but of the member of an archive too, and of a named pipe where the input wasn't a file when it was
// found.
// `limit` is for files: an archive has limits of its own, and whoever writes a pipe has the bytes.
void read_input(const ImageInput& input, std::vector<std::uint8_t>& bytes, const FileLimit& limit = nullptr);

}  // namespace ppinfer
