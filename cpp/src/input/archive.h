// One .tar or .zip, read where it lies, from front to back. A .tar may be packed: .tar.gz, .tar.bz2, .tar.xz, .tar.zst.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "input/archive_reader.h"
#include "input/member_names.h"

namespace ppinfer {

class Archive {
 public:
  // Once another thread sets `stopped`, which must outlive this, next() and read() fail instead of reading on. Throws
  // ImageFailure when it can't be opened. That it's no archive is noticed by next().
  explicit Archive(const std::string& path, const std::atomic<bool>* stopped = nullptr);
  ~Archive();

  // The next member that isn't a folder; false: there is none. Throws ImageFailure when the archive is damaged or cut
  // off here, and so from then on; whatever stands before that is given. A path stands for the first member of that
  // name: later ones are unreadable. A tar that follows another one in the file is a part of it.
  bool next(ArchiveMember& member);
  bool has_passed(const std::string& name) const { return names_.has(name); }  // next() gave one of this name
  // Whether the member that next() gave is an image by its content, also of a kind that isn't read. Throws
  // ImageFailure: its first bytes can't be read.
  bool holds_image();
  // The bytes of the member that next() gave, once. Of a member that isn't a supported image, only the first bytes,
  // from which the decoder makes its error. Throws ImageFailure: the bytes are damaged, encrypted or too many. Later
  // members may still be readable. A hard link gives the bytes of the member that it names. In a packed archive, a link
  // whose target lies before the target of the last link starts a new pass from the archive's start; other links do
  // not.
  void read(std::vector<std::uint8_t>& bytes);
  // For each member that next() gave and that is an input of the run, read or not: after 100 passes for hard links, the
  // further ones become unreadable. What a resumed run skips counts as what the first run read.
  void take(ArchiveMember& member);
  // Whether read() of a damaged member changes what comes after it: a resumed run then reads what it skips.
  bool loses_members() const { return reader_->loses_members(); }

 private:
  void place(ArchiveMember& member);
  void read_target(std::vector<std::uint8_t>& bytes);
  void start_again();
  void require_few_passes() const;

  std::string path_;
  const std::atomic<bool>* const stopped_;
  std::unique_ptr<ArchiveReader> reader_;
  std::int64_t members_ = 0;  // that next() gave
  int passes_ = 0;            // over these, again, after damage
  MemberNames names_;         // of these
  std::string name_;          // of the last one
  std::string hard_link_;     // likewise

  // Of the last hard link that was taken.
  int target_passes_ = 0;
  std::int64_t taken_target_at_ = -1;
  // Of the last hard link that was read.
  std::unique_ptr<ArchiveReader> target_reader_;
  std::int64_t target_at_ = -1;
  std::vector<std::uint8_t> target_bytes_;
  std::optional<ImageFailure> target_failure_;
};

}  // namespace ppinfer
