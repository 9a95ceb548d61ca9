// The file of an archive.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

namespace ppinfer {

class ArchiveFile {
 public:
  // Once another thread sets `stopped`, nothing is read any more. Throws ImageFailure(kRead): not a regular file, ...
  ArchiveFile(const std::string& path, const std::atomic<bool>* stopped);
  ~ArchiveFile();
  ArchiveFile(const ArchiveFile&) = delete;
  ArchiveFile& operator=(const ArchiveFile&) = delete;

  std::int64_t size_bytes() const { return size_bytes_; }
  std::int64_t bytes_read() const { return bytes_read_; }  // by read(), so far

  // Each returns -1 with errno set when the system refuses.
  std::int64_t read(const void** bytes);        // how many it found; 0: the end
  std::int64_t skip(std::int64_t bytes) const;  // how many it skipped: never past the end, where lseek would go
  std::int64_t seek(std::int64_t offset, int whence) const;  // the new place
  // What SEEK_END then stands for, instead of the file's end.
  void set_seek_end(std::int64_t offset) { seek_end_ = offset; }
  // As much of what stands at `offset` as there is, up to `limit_bytes`; leaves the place. Empty when it can't be read.
  std::vector<std::uint8_t> bytes_at(std::int64_t offset, std::size_t limit_bytes) const;

 private:
  int descriptor_ = -1;
  const std::atomic<bool>* const stopped_;
  std::int64_t size_bytes_ = 0;
  std::int64_t seek_end_ = 0;
  std::int64_t bytes_read_ = 0;
  std::vector<char> buffer_;
};

}  // namespace ppinfer
