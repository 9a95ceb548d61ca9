// What lies where a file should be after a download or a checkout that failed.
#pragma once

#include <string>

namespace ppinfer {

// The kind of the file and the remedy: "is a Git LFS pointer, not the file itself: run `git lfs pull`". Empty: the file
// is of another kind, or can't be read. Reads only the first bytes. `path` must be a regular file.
std::string stand_in_problem(const std::string& path);

}  // namespace ppinfer
