// Tells the system which file will be read soon.
#pragma once

#include <string>

namespace ppinfer {

// The system begins to bring the file into memory, and this returns without waiting for it. Does nothing for what is no
// regular file, or can't be opened: whoever reads it will say why.
void read_ahead(const std::string& path);

}  // namespace ppinfer
