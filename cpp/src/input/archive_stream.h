// The bytes of an archive as libarchive asks for them: those of its file, unpacked where it is packed as a whole.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "input/archive_file.h"
#include "input/unpacker.h"

namespace ppinfer {

class ArchiveStream {
 public:
  // As ArchiveFile.
  ArchiveStream(const std::string& path, const std::atomic<bool>* stopped);

  bool is_packed() const { return unpacker_ != nullptr; }
  const ArchiveFile& file() const { return file_; }
  std::int64_t file_bytes() const { return file_.bytes_read() - static_cast<std::int64_t>(packed_.size()); }  // used

  // As ArchiveFile has them. What is packed ends where it is truncated or damaged, with all before that, and can't be
  // skipped in or sought in.
  std::int64_t read(const void** bytes);
  std::int64_t skip(std::int64_t bytes);
  std::int64_t seek(std::int64_t offset, int whence);

  void set_seek_end(std::int64_t offset) { file_.set_seek_end(offset); }

  std::int64_t seeks() const { return seeks_; }  // so far

  const std::string& problem() const { return problem_; }  // why what is packed ended too early; empty: it didn't
  int error_number() const { return error_number_; }       // errno of what the system refused; 0: nothing

 private:
  std::int64_t unpack();  // into `unpacked_`, until `unpacked_` is full or the data ends
  bool fill_packed();
  void take(Unpacker::State state, bool made_progress);
  void end(const std::string& problem);

  ArchiveFile file_;
  std::unique_ptr<Unpacker> unpacker_;
  Span<const std::uint8_t> packed_;  // of the file's buffer, not used yet
  bool is_file_at_end_ = false;
  bool is_between_streams_ = false;
  bool is_at_end_ = false;
  std::vector<std::uint8_t> unpacked_;
  std::int64_t unpacked_bytes_ = 0;  // so far
  std::int64_t seeks_ = 0;
  std::string problem_;
  int error_number_ = 0;
};

}  // namespace ppinfer
