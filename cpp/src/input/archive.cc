#include "input/archive.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <new>
#include <utility>

#include "core/image_failure.h"
#include "core/message_text.h"
#include "core/utf8_locale.h"
#include "input/archive_file.h"
#include "input/member_finder.h"
#include "input/system_reason.h"

namespace ppinfer {
namespace {

// Members lie in memory until a lane has decoded them, several at a time, and some hundred kilobytes of an archive can
// claim to be any size. An image of the default max_pixels without any compression has 600 MB.
constexpr std::size_t kMemberLimitBytes = std::size_t{1} << 30;
constexpr std::size_t kTrustedBytes = std::size_t{16} << 20;  // of a size that only the archive vouches for

[[noreturn]] void fail(const std::string& reason) { throw ImageFailure(Stage::kRead, reason); }

[[noreturn]] void fail_as_too_large() { fail("has 1 GiB or more: too large for an image in an archive"); }

la_ssize_t on_read(archive* reader, void* file, const void** bytes) {
  const std::int64_t got = static_cast<ArchiveFile*>(file)->read(bytes);
  if (got < 0) archive_set_error(reader, errno, "%s", system_reason(errno).c_str());
  return got;
}

la_int64_t on_skip(archive*, void* file, la_int64_t bytes) { return static_cast<ArchiveFile*>(file)->skip(bytes); }

la_int64_t on_seek(archive* reader, void* file, la_int64_t offset, int whence) {
  const std::int64_t place = static_cast<ArchiveFile*>(file)->seek(offset, whence);
  if (place < 0) archive_set_error(reader, errno, "%s", system_reason(errno).c_str());
  return place < 0 ? ARCHIVE_FATAL : place;
}

std::string without_dot(const char* stored) {
  std::string name = stored == nullptr ? "" : stored;
  while (name.rfind("./", 0) == 0) name.erase(0, name.find_first_not_of('/', 1));
  return name;
}

std::string unreadable(archive_entry* entry) {
  if (archive_entry_filetype(entry) == AE_IFLNK) return "is a symbolic link in an archive, which is not followed";
  if (archive_entry_filetype(entry) != AE_IFREG) return "is not a regular file";
  if (archive_entry_is_encrypted(entry) != 0) return "is encrypted";
  return "";
}

}  // namespace

class Archive::Reader {
 public:
  Reader(const std::string& path, const std::atomic<bool>* stopped)
      : file_(path, stopped), stamp_(file_.stamp()), reader_(archive_read_new()) {
    if (reader_ == nullptr) throw std::bad_alloc();
    require(archive_read_support_filter_gzip(reader_));
    require(archive_read_support_format_tar(reader_));
    require(archive_read_support_format_zip(reader_));
    require(archive_read_set_callback_data(reader_, &file_));
    require(archive_read_set_read_callback(reader_, on_read));
    require(archive_read_set_skip_callback(reader_, on_skip));
    require(archive_read_set_seek_callback(reader_, on_seek));
  }
  ~Reader() { archive_read_free(reader_); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  bool next(ArchiveMember& member) {
    const Utf8Locale utf8;  // libarchive converts names to the thread's locale
    if (!failure_.empty()) fail(failure_);
    if (ended_) return false;
    archive_entry* entry = nullptr;
    do {
      int code = opened_ ? ARCHIVE_OK : archive_read_open1(reader_);
      opened_ = true;
      if (code == ARCHIVE_OK) code = next_header(&entry);
      if (code == ARCHIVE_EOF) ended_ = true;
      if (ended_) return false;
      if (code != ARCHIVE_OK && code != ARCHIVE_WARN) {
        failure_ = reason();
        fail(failure_);
      }
    } while (archive_entry_filetype(entry) == AE_IFDIR);
    describe(entry, member);
    return true;
  }

  void read(std::vector<std::uint8_t>& bytes) {
    const Utf8Locale utf8;
    bytes.clear();
    if (declared_bytes_ >= static_cast<std::int64_t>(kMemberLimitBytes)) fail_as_too_large();
    const std::size_t declared = declared_bytes_ < 0 ? kTrustedBytes : static_cast<std::size_t>(declared_bytes_) + 1;
    bytes.resize(std::min(declared, kTrustedBytes));  // the one more is how the end is noticed without another round
    std::size_t filled = 0;
    for (;;) {
      const la_ssize_t got = archive_read_data(reader_, bytes.data() + filled, bytes.size() - filled);
      if (got == ARCHIVE_RETRY) continue;
      if (got < 0) {
        is_lost_ = got == ARCHIVE_FATAL;
        fail("cannot be read from the archive: " + reason());
      }
      if (got == 0) break;
      filled += static_cast<std::size_t>(got);
      if (filled >= kMemberLimitBytes) fail_as_too_large();
      if (filled == bytes.size()) bytes.resize(filled + filled / 2 + 1);
    }
    bytes.resize(filled);
  }

  bool is_lost() const { return is_lost_; }  // where the next member begins isn't known any more

 private:
  int next_header(archive_entry** entry) {
    int code = ARCHIVE_OK;
    do {
      code = archive_read_next_header(reader_, entry);
    } while (code == ARCHIVE_RETRY);
    return code;
  }

  void describe(archive_entry* entry, ArchiveMember& member) {
    // libarchive has none where it can't convert what the archive stores: to the thread's locale, or to UTF-8.
    const char* name = archive_entry_pathname(entry);
    if (name == nullptr) name = archive_entry_pathname_utf8(entry);
    member.has_name = name != nullptr;
    member.path = without_dot(name);
    declared_bytes_ = archive_entry_size_is_set(entry) != 0 ? archive_entry_size(entry) : -1;
    // pax allows a hard link to come with the bytes once more.
    member.hard_link = without_dot(declared_bytes_ > 0 ? nullptr : archive_entry_hardlink(entry));
    member.size_bytes = declared_bytes_;
    member.archive_stamp = stamp_;
    member.modified_ns = -1;
    std::int64_t ns = 0;  // times from outside: any number of seconds
    if (archive_entry_mtime_is_set(entry) != 0 &&
        !__builtin_mul_overflow(std::int64_t{archive_entry_mtime(entry)}, std::int64_t{1'000'000'000}, &ns) &&
        !__builtin_add_overflow(ns, std::int64_t{archive_entry_mtime_nsec(entry)}, &ns)) {
      member.modified_ns = ns;
    }
    member.is_link = archive_entry_filetype(entry) == AE_IFLNK;
    member.unreadable = member.hard_link.empty() ? unreadable(entry) : "";
  }

  void require(int code) const {
    if (code != ARCHIVE_OK && code != ARCHIVE_WARN) fail(reason());
  }

  std::string reason() const {
    const char* const text = archive_error_string(reader_);
    return text == nullptr ? "it is cut off, or no such archive" : text;
  }

  ArchiveFile file_;
  const std::uint64_t stamp_;
  archive* const reader_;
  bool opened_ = false;
  bool is_lost_ = false;
  bool ended_ = false;   // libarchive itself forgets it,
  std::string failure_;  // and this, of next()
  std::int64_t declared_bytes_ = -1;
};

Archive::Archive(const std::string& path, const std::atomic<bool>* stopped)
    : path_(path), stopped_(stopped), reader_(std::make_unique<Reader>(path, stopped)) {}
Archive::~Archive() = default;

bool Archive::next(ArchiveMember& member) {
  if (reader_->is_lost()) pass_over_again();
  if (!reader_->next(member)) return false;
  ++members_;
  place(member);
  hard_link_ = member.hard_link;
  return true;
}

// Among those before it.
void Archive::place(ArchiveMember& member) {
  if (!member.has_name) {
    member.unreadable = "its name cannot be read: it is member " + std::to_string(members_) + " of the archive";
  } else if (!member.hard_link.empty()) {
    member.unreadable = names_.why_no_target(member.hard_link);
  }
  if (!names_.add(member.path, member.hard_link) && member.unreadable.empty()) {
    member.unreadable = "a member before it in the archive has this name too, and the path stands for that one";
  }
}

// After damage within a member libarchive can't always tell where the next one begins, though it can without having
// read that one. What follows a member shouldn't depend on whether it was read: resumed runs pass over it.
void Archive::pass_over_again() {
  reader_ = std::make_unique<Reader>(path_, stopped_);
  ArchiveMember passed;
  for (std::int64_t member = 0; member < members_ && reader_->next(passed); ++member) {
  }
}

void Archive::read(std::vector<std::uint8_t>& bytes) {
  if (hard_link_.empty()) {
    reader_->read(bytes);
    return;
  }
  if (!link_targets_) link_targets_ = std::make_unique<MemberFinder>(stopped_);
  try {
    link_targets_->read({path_, hard_link_}, bytes);
  } catch (const ImageFailure& error) {
    fail("is a hard link to " + quoted(hard_link_) + ": " + error.what());
  }
}

}  // namespace ppinfer
