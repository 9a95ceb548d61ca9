// The bytes of one image file.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ppinfer {

// Replaces `bytes` by the file's content, reusing its memory. Throws ImageFailure(kRead): no such file, permission
// denied, is a folder, not a regular file (a FIFO would block for ever), broken link, ...
void read_file(const std::string& path, std::vector<std::uint8_t>& bytes);

}  // namespace ppinfer
