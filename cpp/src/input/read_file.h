// The bytes of one image file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "ppinfer/span.h"

namespace ppinfer {

// Given the first 64 KiB of an image's file (or all of it) and the file's size, gives how many of its bytes are of use.
// What it throws ends the reading.
using FileLimit = std::function<std::uint64_t(Span<const std::uint8_t> start, std::uint64_t file_bytes)>;

inline constexpr std::size_t kFileStartBytes = std::size_t{64} << 10;  // that a FileLimit gets

// Replaces `bytes` by the file's content, reusing its memory: up to `limit` (unset: all of it); of what is no image
// that can be read only by its first bytes, by which the decoder tells why. Throws ImageFailure(kRead): no such file,
// permission denied, is a folder, not a regular file (a pipe would block for ever), broken link, ...;
// ImageFailure(kMachine): no memory for it, a drive that is gone, too many open files, ...
void read_file(const std::string& path, std::vector<std::uint8_t>& bytes, const FileLimit& limit = nullptr);

// Throws ImageFailure(kRead) for what is too large for an image file.
void require_file_size(std::size_t size_bytes);

// Throws ImageFailure(kMachine) if memory is too small for `count` bytes.
void resize_for_file(std::vector<std::uint8_t>& bytes, std::size_t count);

}  // namespace ppinfer
