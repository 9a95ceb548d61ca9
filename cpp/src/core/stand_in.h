// What lies where a file should be after a download or a checkout that failed.
#pragma once

#include <string>

namespace ppinfer {

// What the file is instead, and what to do: "is a Git LFS pointer, not the file itself: run `git lfs pull`". Empty: it
// is none of these, or can't be read. Looks at the first bytes only. `path` must be a regular file.
std::string stand_in_problem(const std::string& path);

}  // namespace ppinfer
