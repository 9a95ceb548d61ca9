// One .tar, .tar.gz or .zip, read where it lies, from front to back.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "input/member_names.h"

namespace ppinfer {

class MemberFinder;

struct ArchiveMember {
  // Without a "./" in front, else as it stands: of any bytes, perhaps with ".." in it. It's a name and no more; nothing
  // is ever written by it. Empty where `has_name` isn't set.
  std::string path;
  bool has_name = true;             // else it's in letters that this system can't make out
  std::int64_t size_bytes = -1;     // as the archive says, -1: it doesn't
  std::int64_t modified_ns = -1;    // likewise
  bool is_link = false;             // a symbolic one
  std::string hard_link;            // the name of the member before it whose bytes are its too; empty: it has its own
  std::string unreadable;           // why it has no bytes to read; empty: it has
  std::uint64_t archive_stamp = 0;  // another one once the archive has changed
};

class Archive {
 public:
  // Once another thread sets `stopped`, which must outlive this, next() and read() fail instead of reading on. Throws
  // ImageFailure(kRead) when it can't be opened. That it's no archive is noticed by next().
  explicit Archive(const std::string& path, const std::atomic<bool>* stopped = nullptr);
  ~Archive();

  // The next member that isn't a folder; false: there is none. Throws ImageFailure(kRead) when the archive is damaged
  // here, and so from then on. A path stands for the first member of that name: later ones are unreadable.
  bool next(ArchiveMember& member);
  bool has_passed(const std::string& name) const { return names_.has(name); }  // next() gave one of this name
  // The bytes of the member that next() gave, once. Throws ImageFailure(kRead): these are damaged, encrypted or too
  // many. What comes after it in the archive may still be fine.
  void read(std::vector<std::uint8_t>& bytes);

 private:
  class Reader;
  void place(ArchiveMember& member);
  void pass_over_again();

  std::string path_;
  const std::atomic<bool>* const stopped_;
  std::unique_ptr<Reader> reader_;
  std::int64_t members_ = 0;  // that next() gave
  MemberNames names_;         // of these
  std::string hard_link_;     // of the last one
  std::unique_ptr<MemberFinder> link_targets_;
};

}  // namespace ppinfer
