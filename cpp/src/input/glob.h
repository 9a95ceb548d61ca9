// A given path with * ? or [ in it, as a shell would take it.
#pragma once

#include <optional>
#include <string>

#include "input/path_pattern.h"

namespace ppinfer {

struct Glob {
  std::string root;     // what stands before the first part with * ? or [: a folder; empty: the working folder
  PathPattern pattern;  // of the rest
};

// Empty if the path has no wildcard, or isn't a valid pattern. `hidden`: wildcards match names that begin with a dot.
std::optional<Glob> parse_glob(const std::string& path, bool hidden);

}  // namespace ppinfer
