// Whether a run's files are there, empty or newer than another file.
#pragma once

#include <sys/stat.h>

#include <string>
#include <utility>

namespace ppinfer {

inline bool exists(const std::string& path) {
  struct stat status;
  return lstat(path.c_str(), &status) == 0;
}

inline bool is_empty(const std::string& path) {
  struct stat status;
  return stat(path.c_str(), &status) == 0 && status.st_size == 0;
}

// Whether `path` got its name or its content after `other` was last written to.
inline bool is_put_there_after(const std::string& path, const std::string& other) {
  struct stat status;
  struct stat before;
  if (stat(path.c_str(), &status) != 0 || stat(other.c_str(), &before) != 0) return false;
  return std::pair(status.st_ctim.tv_sec, status.st_ctim.tv_nsec) >=
         std::pair(before.st_mtim.tv_sec, before.st_mtim.tv_nsec);
}

}  // namespace ppinfer
