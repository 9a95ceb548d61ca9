#pragma once

#include <string>

namespace ppinfer::pir {

// Whether an attribute of a known operation never changes a result of inference, whatever its value is. `operation` as
// in a program, with or without a "_" at the end.
bool is_harmless(const std::string& operation, const std::string& attribute);

}  // namespace ppinfer::pir
