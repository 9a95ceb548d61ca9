#include "input/folder_names.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace ppinfer {

int FolderNames::read(const std::string& path, const std::atomic<bool>& stopped) {
  DIR* const folder = opendir(path.c_str());
  if (folder == nullptr) return errno;
  int error_number = 0;
  while (!stopped) {
    errno = 0;
    const dirent* const entry = readdir(folder);
    if (entry == nullptr) {
      error_number = errno;
      break;
    }
    const char* const name = &entry->d_name[0];
    if (std::strcmp(name, ".") == 0 || std::strcmp(name, "..") == 0) continue;
    starts_.push_back(text_.size());
    text_.push_back(static_cast<char>(entry->d_type));
    text_.insert(text_.end(), name, name + std::strlen(name) + 1);
  }
  struct stat status;
  const bool is_removed = fstat(dirfd(folder), &status) == 0 && status.st_nlink == 0;
  if (error_number == 0 && is_removed) error_number = ENOENT;  // glibc calls that the end of the names
  closedir(folder);
  const char* const text = text_.data();
  std::sort(starts_.begin(), starts_.end(), [text](std::size_t one, std::size_t other) {
    return std::strcmp(text + one + 1, text + other + 1) < 0;  // of bytes, whatever the locale
  });
  return error_number;
}

bool FolderNames::next(Entry& entry) {
  if (next_ == starts_.size()) return false;
  const char* const start = text_.data() + starts_[next_++];
  entry.type = static_cast<unsigned char>(*start);
  entry.name = start + 1;
  return true;
}

}  // namespace ppinfer
