// The first bytes of a file.
#pragma once

#include <string>

namespace ppinfer {

// Whether a file is an image by its first bytes, also of a kind that isn't read. For a regular file: a FIFO that has
// taken its place is left alone. Throws ImageFailure.
bool holds_image(const std::string& path);

}  // namespace ppinfer
