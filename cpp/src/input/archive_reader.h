// The members of one archive as libarchive gives them, with its failures put into words.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/image_failure.h"
#include "input/archive_stream.h"
#include "ppinfer/span.h"

struct archive;
struct archive_entry;

namespace ppinfer {

struct ArchiveMember {
  // Without a "./" in front, else as it stands: of any bytes, perhaps with ".." in it. It's a name and no more; nothing
  // is ever written by it. Empty where `has_name` isn't set.
  std::string path;
  bool has_name = true;           // else it's in letters that this system can't make out
  std::int64_t size_bytes = -1;   // as the archive says, -1: it doesn't
  std::int64_t modified_ns = -1;  // likewise
  bool is_link = false;           // a symbolic one
  std::string hard_link;          // the name of the member before it whose bytes are its too; empty: it has its own
  bool is_encrypted = false;
  bool has_content = false;    // a file that isn't encrypted, or a hard link to a member
  std::string unreadable;      // why it has no bytes to read; empty: it has
  std::int64_t header_at = 0;  // where its header begins, in the unpacked archive
};

class ArchiveReader {
 public:
  // `first_at` applies to a tar that isn't packed: start at the member whose header begins there. Otherwise as Archive.
  ArchiveReader(const std::string& path, const std::atomic<bool>* stopped, std::int64_t first_at = 0);
  ~ArchiveReader();
  ArchiveReader(const ArchiveReader&) = delete;
  ArchiveReader& operator=(const ArchiveReader&) = delete;

  // As Archive has it; of several members of one name it knows nothing.
  bool next(ArchiveMember& member);
  Span<const std::uint8_t>
  start();  // the first bytes of the member, kSniffBytes or all that there are; again and again
  void read(std::vector<std::uint8_t>& bytes);  // as Archive has it
  bool is_packed() const { return stream_.is_packed(); }
  // Where the next member begins isn't known any more.
  bool is_lost() const { return is_lost_; }
  bool loses_members() const;  // reading a damaged member may do that: in a zip without the list at its end

 private:
  int next_header(archive_entry** entry);
  bool is_zip() const;
  std::string problem_at_end() const;
  void describe(archive_entry* entry, ArchiveMember& member);
  std::size_t read_some(std::uint8_t* to, std::size_t limit_bytes);
  std::size_t packed_bytes() const;
  void require_declared(std::size_t bytes) const;
  [[noreturn]] void fail_for_good(const std::string& why);
  void require(int code) const;
  Stage stage() const;
  std::string reason() const;

  ArchiveStream stream_;
  const std::int64_t first_at_;
  archive* const reader_;
  bool opened_ = false;
  bool is_read_by_list_ = false;  // the one at a zip's end, which says where each member begins
  bool is_lost_ = false;
  bool has_damaged_headers_ = false;
  bool ended_ = false;                   // libarchive itself forgets it,
  std::optional<ImageFailure> failure_;  // and this, of next()
  // Of the last member.
  std::int64_t declared_bytes_ = -1;
  std::int64_t begin_bytes_ = 0;  // of the file, where its content begins
  bool has_start_ = false;
  std::vector<std::uint8_t> start_;
  std::optional<ImageFailure> start_failure_;
};

}  // namespace ppinfer
