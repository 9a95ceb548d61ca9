// The bytes of an input that is known by its path.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ppinfer {

// As read_file, but takes the path of an archive's member too. Throws ImageFailure(kRead).
void read_input(const std::string& path, std::vector<std::uint8_t>& bytes);

}  // namespace ppinfer
