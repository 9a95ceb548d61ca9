// The bytes of one image from a pipe.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

namespace ppinfer {

inline constexpr const char* kStandardInput = "-";

bool is_named_pipe(const std::string& path);  // or leads to one, as /dev/stdin may

// Replaces `bytes` by everything from standard input, for kStandardInput, or from a named pipe, and waits for its
// writer. Of data that isn't a supported image, reads only the first bytes. After another thread sets `stopped`,
// returns without waiting. Throws ImageFailure.
void read_stream(const std::string& path, const std::atomic<bool>* stopped, std::vector<std::uint8_t>& bytes);

}  // namespace ppinfer
