// Asks the system to read a file ahead.
#pragma once

#include <string>

namespace ppinfer {

// The system begins to read the file into memory; this function returns without waiting. Ignores a path that isn't a
// regular file, or can't be opened: reading the file will report the error.
void read_ahead(const std::string& path);

}  // namespace ppinfer
