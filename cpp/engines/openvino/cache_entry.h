// A file of the model cache: its bytes, and at its end their hash.
#pragma once

#include <cstdint>
#include <functional>
#include <openvino/openvino.hpp>
#include <optional>
#include <ostream>
#include <string>

#include "cache_folder.h"

namespace ppinfer {

// The entry's bytes, mapped into memory; nothing: the file doesn't exist. Throws std::runtime_error: it can't be read,
// isn't a regular file, has more than `most_bytes`, may not be believed (trust_problem), or isn't what was written. A
// file that a power failure left has its length, but may have zeros instead of its bytes.
std::optional<ov::Tensor> read_entry(const CacheFolder& folder, const std::string& name, std::uint64_t seed,
                                     std::uint64_t most_bytes);

// Whole files alone appear under `name`, whoever writes it at the same time. Leaves it to another process that is just
// writing the same. Throws std::runtime_error with the reason, or what `write` throws.
void write_entry(const CacheFolder& folder, const std::string& name, std::uint64_t seed,
                 const std::function<void(std::ostream&)>& write);

}  // namespace ppinfer
