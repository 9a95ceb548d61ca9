// The names in one folder, sorted.
#pragma once

#include <atomic>
#include <cstddef>
#include <string>
#include <vector>

namespace ppinfer {

// A folder may hold a million names, and all have to be there to be sorted: they lie in one piece of memory, at some 10
// bytes each more than their letters.
class FolderNames {
 public:
  struct Entry {
    const char* name = nullptr;  // valid as long as the FolderNames
    unsigned char type = 0;      // DT_REG, ... of dirent.h; DT_UNKNOWN where the file system doesn't say
  };

  // All but "." and "..". Returns errno of what ended the listing early, or 0; the names before are there, as when
  // another thread sets `stopped`.
  int read(const std::string& path, const std::atomic<bool>& stopped);
  bool next(Entry& entry);  // in byte order; false: no more

 private:
  std::vector<char> text_;           // of each: its type, its name, NUL
  std::vector<std::size_t> starts_;  // of the types
  std::size_t next_ = 0;
};

}  // namespace ppinfer
