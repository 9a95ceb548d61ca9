// The bytes of one image from a pipe.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

namespace ppinfer {

inline constexpr const char* kStandardInput = "-";

bool is_named_pipe(const std::string& path);  // or leads to one, as /dev/stdin may

// Replaces `bytes` by all that comes through standard input, for kStandardInput, or through a named pipe, which waits
// for whoever writes it. Of what is no image only the first bytes. Once another thread sets `stopped`, nothing is
// waited for any more. Throws ImageFailure.
void read_stream(const std::string& path, const std::atomic<bool>* stopped, std::vector<std::uint8_t>& bytes);

}  // namespace ppinfer
