// Names of classes from a label file.
#pragma once

#include <string>
#include <vector>

namespace ppinfer {

// The names in the order of the classes' ids. The file is UTF-8, at most 16 MiB, and has the classes
// - a line each: just the name, in the order of ids; or an id and a name, or a name and an id, in any order of lines,
//   with a blank, tab, comma, colon or another sign between them; CSV with a header; a WordNet id before the name
//   (label_lines.h has the rules), or
// - as JSON, YAML, or a Python dict or list (label_structure.h).
// Which of these it is must follow from the file: ids are 0 to n-1 once each, and no second form gives other names. A
// `delimiter` that isn't empty says that each line has an id, the delimiter and a name. CRLF, a byte order mark and a
// missing last newline are accepted. Throws ConfigError with a problem for every wrong line, and the supported forms.
std::vector<std::string> read_labels(const std::string& path, const std::string& delimiter = "");

}  // namespace ppinfer
