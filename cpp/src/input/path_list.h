// A file of paths, or standard input, read bit by bit.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ppinfer {

class PathList {
 public:
  // "-" is standard input. Throws ConfigError when the file can't be opened.
  PathList(std::string path, bool ends_in_nul);
  ~PathList();
  PathList(const PathList&) = delete;
  PathList& operator=(const PathList&) = delete;

  // The next path; false: there is none. Without NULs empty lines are left out, and the \r of lines that Windows wrote.
  // Throws RuntimeFailure: what is read is no list of paths, or can't be read further.
  bool next(std::string& path);

 private:
  bool read_entry(std::string& entry);
  bool fill();  // false: the end
  [[noreturn]] void fail(const std::string& reason) const;

  std::string path_;
  bool ends_in_nul_ = false;
  int descriptor_ = -1;
  std::vector<char> buffer_;
  std::size_t start_ = 0;  // of what in the buffer isn't used yet
  std::size_t end_ = 0;
  std::int64_t entries_ = 0;
};

}  // namespace ppinfer
