// Names of classes from a label file.
#pragma once

#include <string>
#include <vector>

namespace ppinfer {

// One line a class: "id<space>name" (ids 0..n-1, each once, in any order) or just "name" (line order). Which of the two
// is told by the first line: it starts with "0 " or the whole file has consistent ids. CRLF, BOM and a missing last
// newline are fine. A delimiter that isn't empty stands for the space, and then every line needs its id. Throws
// ConfigError that names path:line for every bad line.
std::vector<std::string> read_labels(const std::string& path, const std::string& delimiter = "");

}  // namespace ppinfer
