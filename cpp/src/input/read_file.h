// The bytes of one image file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "ppinfer/span.h"

namespace ppinfer {

// Given the first 64 KiB of an image's file (or all of it) and the file's size, returns how many of its bytes are of
// use. Its exceptions end the reading.
using FileLimit = std::function<std::uint64_t(Span<const std::uint8_t> start, std::uint64_t file_bytes)>;

inline constexpr std::size_t kFileStartBytes = std::size_t{64} << 10;  // that a FileLimit gets

// Replaces `bytes` by the file's content and reuses its memory: up to `limit` (unset: all of it). Of a file that isn't
// a supported image, reads only the first bytes, from which the decoder makes its error. Throws ImageFailure(kRead): no
// such file, permission denied, a folder, not a regular file (a pipe would block forever), broken link, ...;
// ImageFailure(kMachine): out of memory, a lost drive, too many open files, ...
void read_file(const std::string& path, std::vector<std::uint8_t>& bytes, const FileLimit& limit = nullptr);

// Throws ImageFailure(kRead) for what is too large for an image file.
void require_file_size(std::size_t size_bytes);

// Throws ImageFailure(kMachine) if memory is too small for `count` bytes.
void resize_for_file(std::vector<std::uint8_t>& bytes, std::size_t count);

}  // namespace ppinfer
