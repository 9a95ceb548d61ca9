// A file that is written at its end; a kill leaves at most a torn last record.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace [[gnu::visibility("default")]] ppinfer {

// For one thread at a time. Throws RuntimeFailure with the file's name and the reason.
class GrowingFile {
 public:
  // Nothing is opened yet.
  explicit GrowingFile(std::string path) : path_(std::move(path)) {}
  ~GrowingFile();
  GrowingFile(const GrowingFile&) = delete;
  GrowingFile& operator=(const GrowingFile&) = delete;

  // Opens or creates the file, and locks it until close(). Throws if another process or thread has locked it, or if the
  // path is a symbolic or hard link, another user's file, or a file that others may write.
  void open();
  void open_fresh();  // as open(), after removing the file of this name
  bool is_open() const { return descriptor_ >= 0; }
  // Throws RuntimeFailure when another GrowingFile has this file open.
  static void require_free(const std::string& path);
  void truncate(std::int64_t bytes);  // keeps the first `bytes`

  std::int64_t bytes() const { return bytes_; }  // in the file, without the buffer
  // Reads up to `count` bytes from `offset` on; fewer at the end only.
  std::size_t read(std::int64_t offset, char* to, std::size_t count) const;

  std::string& buffer() { return buffer_; }  // append here
  bool full() const { return buffer_.size() >= kFullBytes; }
  // Hands the buffer to the system. When that fails, such as on a full disk, the file ends where it did before, and all
  // further flushes fail. Also fails when the file was removed or replaced meanwhile: what is written goes nowhere.
  void flush();
  void sync();              // to the disk itself
  void require_presence();  // throws when the file was removed or replaced

  void close();
  void rename_to(const std::string& path);  // in place of what is there, whose permissions it gets; after flush()
  void remove();                            // unless it isn't open, or another file has its name by now

  const std::string& path() const { return path_; }
  int descriptor() const { return descriptor_; }  // -1: not open

 private:
  static constexpr std::size_t kFullBytes = 64 << 10;

  void open(bool fresh);
  [[noreturn]] void fail(int error) const;

  std::string path_;
  std::string buffer_;
  std::int64_t bytes_ = 0;
  int descriptor_ = -1;
  bool broken_ = false;
};

}  // namespace ppinfer
