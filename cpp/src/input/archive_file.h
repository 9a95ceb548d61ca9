// The file under an archive, as libarchive asks for it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ppinfer {

class ArchiveFile {
 public:
  explicit ArchiveFile(const std::string& path);  // throws ImageFailure(kRead): no regular file, not allowed, ...
  ~ArchiveFile();
  ArchiveFile(const ArchiveFile&) = delete;
  ArchiveFile& operator=(const ArchiveFile&) = delete;

  // Each returns -1 with errno set when the system refuses.
  std::int64_t read(const void** bytes);        // how many it found; 0: the end
  std::int64_t skip(std::int64_t bytes) const;  // how many it skipped: never past the end, where lseek would go
  std::int64_t seek(std::int64_t offset, int whence) const;  // the new place

 private:
  int descriptor_ = -1;
  std::int64_t size_bytes_ = 0;
  std::vector<char> buffer_;
};

}  // namespace ppinfer
