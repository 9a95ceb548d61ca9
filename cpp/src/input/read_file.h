// The bytes of one image file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace ppinfer {

// Replaces `bytes` by the file's content, reusing its memory; of what is no image that can be read only by its first
// bytes, by which the decoder tells why. Throws ImageFailure(kRead): no such file, permission
// denied, is a folder, not a regular file (a pipe would block for ever), broken link, ...; ImageFailure(kMachine): no
// memory for it, a drive that is gone, too many open files, ...
void read_file(const std::string& path, std::vector<std::uint8_t>& bytes);

// Throws ImageFailure(kRead) for what is too large for an image file.
void require_file_size(std::size_t size_bytes);

// Throws ImageFailure(kMachine) if memory is too small for `count` bytes.
void resize_for_file(std::vector<std::uint8_t>& bytes, std::size_t count);

}  // namespace ppinfer
