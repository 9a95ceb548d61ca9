// Whether two paths, or a path and an open file, lead to one file.
#pragma once

#include <sys/stat.h>

namespace ppinfer {

inline bool is_same_file(const struct stat& one, const struct stat& other) {
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

}  // namespace ppinfer
