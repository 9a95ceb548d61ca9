#include "input/archive_reader.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <new>
#include <string_view>

#include "core/image_failure.h"
#include "core/machine_failure.h"
#include "core/message_text.h"
#include "core/sniff.h"
#include "core/utf8_locale.h"
#include "input/system_reason.h"

namespace ppinfer {
namespace {

// Members lie in memory until a lane has decoded them, several at a time, and some hundred kilobytes of an archive can
// claim to be any size. An image of the default max_pixels without any compression has 600 MB.
constexpr std::size_t kMemberLimitBytes = std::size_t{1} << 30;
constexpr std::size_t kTrustedBytes = std::size_t{16} << 20;  // of a size that only the archive vouches for
// A larger member may have at most this multiple of its packed bytes: a file of a megabyte can unpack to a gigabyte
// that looks like the rest of a JPEG.
constexpr std::size_t kFreeMemberBytes = std::size_t{32} << 20;
constexpr std::size_t kMaxMemberRatio = 100;
// A zip's list of members ends in this record, which a comment may follow, and bytes of no meaning. It's looked for as
// far from the file's end as Info-ZIP does; Python's zipfile goes some hundred bytes less far.
constexpr std::int64_t kZipEndBytes = 22;
constexpr std::int64_t kZipTailBytes = 66'000 + kZipEndBytes;

[[noreturn]] void fail_as_too_large() { throw_unreadable("has 1 GiB or more: too large for an image in an archive"); }

la_ssize_t on_read(archive* reader, void* stream, const void** bytes) {
  const std::int64_t got = static_cast<ArchiveStream*>(stream)->read(bytes);
  if (got < 0) archive_set_error(reader, errno, "%s", system_reason(errno).c_str());
  return got;
}

la_int64_t on_skip(archive*, void* stream, la_int64_t bytes) {
  return static_cast<ArchiveStream*>(stream)->skip(bytes);
}

la_int64_t on_seek(archive* reader, void* stream, la_int64_t offset, int whence) {
  const std::int64_t place = static_cast<ArchiveStream*>(stream)->seek(offset, whence);
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

// Where the last such record ends, -1: there is none.
std::int64_t end_of_zip_list(const ArchiveFile& file) {
  constexpr std::string_view kEnd = "PK\5\6";
  const std::int64_t tail_at = std::max<std::int64_t>(0, file.size_bytes() - kZipTailBytes);
  const auto tail = file.bytes_at(tail_at, static_cast<std::size_t>(kZipTailBytes));
  const auto last = std::find_end(tail.begin(), tail.end(), kEnd.begin(), kEnd.end());
  if (last == tail.end() || tail.end() - last < kZipEndBytes) return -1;
  return tail_at + (last - tail.begin()) + kZipEndBytes;
}

// Why libarchive makes nothing of it.
std::string kind_of_other(const ArchiveFile& file) {
  if (file.size_bytes() == 0) return "it is empty";
  const std::vector<std::uint8_t> start = file.bytes_at(0, kSniffBytes);
  const std::string formats = " (tar, tar.gz, tar.bz2, tar.xz, tar.zst and zip are read)";
  const ImageKind image = sniff(start);
  if (image != ImageKind::kOther) return std::string("it is a ") + to_string(image) + " image" + formats;
  const OtherFormat other = other_format(start);
  return (other.kind == OtherKind::kUnknown ? "it is not an archive" : std::string("it is ") + other.name) + formats;
}

}  // namespace

ArchiveReader::ArchiveReader(const std::string& path, const std::atomic<bool>* stopped, std::int64_t first_at)
    : stream_(path, stopped), first_at_(first_at), reader_(archive_read_new()) {
  if (reader_ == nullptr) throw std::bad_alloc();
  require(archive_read_support_format_tar(reader_));
  require(archive_read_set_format_option(reader_, "tar", "read_concatenated_archives", "1"));
  require(archive_read_set_callback_data(reader_, &stream_));
  require(archive_read_set_read_callback(reader_, on_read));
  if (stream_.is_packed()) return;
  require(archive_read_set_skip_callback(reader_, on_skip));
  if (first_at_ > 0) {  // set the format: a member may be a zip, and libarchive's detection returns to the file's start
    require(archive_read_set_format(reader_, ARCHIVE_FORMAT_TAR));
    stream_.seek(first_at_, SEEK_SET);
    return;
  }
  // libarchive itself looks for the record in the last 16 KiB only.
  const std::int64_t list_end = end_of_zip_list(stream_.file());
  if (list_end >= 0) stream_.set_seek_end(list_end);
  require(archive_read_support_format_zip(reader_));
  require(archive_read_set_seek_callback(reader_, on_seek));
}

ArchiveReader::~ArchiveReader() { archive_read_free(reader_); }

bool ArchiveReader::next(ArchiveMember& member) {
  const Utf8Locale utf8;  // libarchive converts names to the thread's locale
  if (failure_) throw ImageFailure(*failure_);
  if (ended_) return false;
  archive_entry* entry = nullptr;
  do {
    int code = opened_ ? ARCHIVE_OK : archive_read_open1(reader_);
    opened_ = true;
    if (code == ARCHIVE_OK) code = next_header(&entry);
    if (code == ARCHIVE_EOF) {
      ended_ = true;
      const std::string problem = problem_at_end();
      if (!problem.empty()) fail_for_good(problem);
      return false;
    }
    if (code != ARCHIVE_OK && code != ARCHIVE_WARN) fail_for_good(reason());
  } while (archive_entry_filetype(entry) == AE_IFDIR);
  describe(entry, member);
  return true;
}

Span<const std::uint8_t> ArchiveReader::start() {
  const Utf8Locale utf8;
  if (start_failure_) throw ImageFailure(*start_failure_);
  if (has_start_) return start_;
  has_start_ = true;
  try {
    start_.resize(kSniffBytes);
    start_.resize(read_some(start_.data(), start_.size()));
  } catch (const ImageFailure& failure) {
    start_failure_ = failure;
    throw;
  }
  return start_;
}

void ArchiveReader::read(std::vector<std::uint8_t>& bytes) {
  const Utf8Locale utf8;
  const Span<const std::uint8_t> first = start();
  bytes.assign(first.begin(), first.end());
  if (sniff(first) == ImageKind::kOther || first.size() < kSniffBytes) return require_declared(bytes.size());
  if (declared_bytes_ >= static_cast<std::int64_t>(kMemberLimitBytes)) fail_as_too_large();
  const std::size_t declared = declared_bytes_ < 0 ? kTrustedBytes : static_cast<std::size_t>(declared_bytes_) + 1;
  std::size_t filled = bytes.size();
  // The one more is how the end is noticed without another round.
  bytes.resize(std::max(filled + 1, std::min(declared, kTrustedBytes)));
  for (;;) {
    const std::size_t got = read_some(bytes.data() + filled, bytes.size() - filled);
    filled += got;
    require_declared(filled);
    if (filled < bytes.size()) break;
    if (filled >= kMemberLimitBytes) fail_as_too_large();
    if (filled > kFreeMemberBytes + kMaxMemberRatio * packed_bytes()) {
      throw_unreadable("unpacks to more than " + std::to_string(kMaxMemberRatio) +
                       " times its size in the archive, which is refused");
    }
    bytes.resize(filled + filled / 2 + 1);
  }
  bytes.resize(filled);
}

int ArchiveReader::next_header(archive_entry** entry) {
  const std::int64_t seeks = stream_.seeks();
  int code = ARCHIVE_OK;
  do {
    code = archive_read_next_header(reader_, entry);
    if (code == ARCHIVE_RETRY) has_damaged_headers_ = true;
  } while (code == ARCHIVE_RETRY);
  is_read_by_list_ = is_read_by_list_ || stream_.seeks() > seeks;  // nothing else makes libarchive seek here
  return code;
}

bool ArchiveReader::is_zip() const {
  return (archive_format(reader_) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_ZIP;
}

bool ArchiveReader::loses_members() const { return is_zip() && !is_read_by_list_; }

// Why there may have been more members; empty: there are none.
std::string ArchiveReader::problem_at_end() const {
  if (!stream_.problem().empty()) return stream_.problem();
  if (has_damaged_headers_) return "some of its data is damaged or not part of a member, and was skipped";
  if (is_zip()) {
    return end_of_zip_list(stream_.file()) >= 0
               ? ""
               : "the list of members at its end is missing: the archive is probably truncated";
  }
  const bool has_end_mark = archive_filter_bytes(reader_, 0) > archive_read_header_position(reader_);
  return has_end_mark ? "" : "its end mark is missing: the archive is probably truncated";
}

void ArchiveReader::describe(archive_entry* entry, ArchiveMember& member) {
  // libarchive has none where it can't convert what the archive stores: to the thread's locale, or to UTF-8.
  const char* name = archive_entry_pathname(entry);
  if (name == nullptr) name = archive_entry_pathname_utf8(entry);
  member.has_name = name != nullptr;
  member.path = without_dot(name);
  declared_bytes_ = archive_entry_size_is_set(entry) != 0 ? archive_entry_size(entry) : -1;
  begin_bytes_ = stream_.file_bytes();
  has_start_ = false;
  start_failure_.reset();
  // pax allows a hard link to come with the bytes once more.
  member.hard_link = without_dot(declared_bytes_ > 0 ? nullptr : archive_entry_hardlink(entry));
  member.size_bytes = declared_bytes_;
  member.header_at = first_at_ + archive_read_header_position(reader_);
  member.modified_ns = -1;
  std::int64_t ns = 0;  // times from outside: any number of seconds
  if (archive_entry_mtime_is_set(entry) != 0 &&
      !__builtin_mul_overflow(std::int64_t{archive_entry_mtime(entry)}, std::int64_t{1'000'000'000}, &ns) &&
      !__builtin_add_overflow(ns, std::int64_t{archive_entry_mtime_nsec(entry)}, &ns)) {
    member.modified_ns = ns;
  }
  member.is_link = archive_entry_filetype(entry) == AE_IFLNK;
  member.unreadable = member.hard_link.empty() ? unreadable(entry) : "";
  member.is_encrypted = archive_entry_is_encrypted(entry) != 0;
  member.has_content = member.unreadable.empty();
}

// Fewer bytes than asked for: these are the last ones.
std::size_t ArchiveReader::read_some(std::uint8_t* to, std::size_t limit_bytes) {
  std::size_t filled = 0;
  while (filled < limit_bytes) {
    const la_ssize_t got = archive_read_data(reader_, to + filled, limit_bytes - filled);
    if (got < 0) {  // ARCHIVE_RETRY too: for sparse blocks out of order, retrying never ends
      is_lost_ = got != ARCHIVE_RETRY && !is_read_by_list_;
      throw ImageFailure(stage(), "cannot be read from the archive: " + reason());
    }
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  return filled;
}

std::size_t ArchiveReader::packed_bytes() const {
  return static_cast<std::size_t>(std::max<std::int64_t>(0, stream_.file_bytes() - begin_bytes_));
}

void ArchiveReader::require_declared(std::size_t bytes) const {
  if (declared_bytes_ < 0 || bytes <= static_cast<std::size_t>(declared_bytes_)) return;
  throw_unreadable("has more bytes than the " + std::to_string(declared_bytes_) + " that the archive declares");
}

void ArchiveReader::fail_for_good(const std::string& why) {
  failure_.emplace(stage(), why);
  throw ImageFailure(*failure_);
}

void ArchiveReader::require(int code) const {
  if (code != ARCHIVE_OK && code != ARCHIVE_WARN) throw_unreadable(reason());
}

Stage ArchiveReader::stage() const {
  return stream_.error_number() == 0 ? Stage::kRead : stage_of_failed_read(stream_.error_number());
}

std::string ArchiveReader::reason() const {
  if (!stream_.problem().empty()) return stream_.problem();
  if (archive_format(reader_) == 0 && stream_.error_number() == 0) {
    return stream_.is_packed() ? "its unpacked data is not a tar archive" : kind_of_other(stream_.file());
  }
  const char* const text = archive_error_string(reader_);
  return text == nullptr ? "it is truncated or damaged" : one_line(text);
}

}  // namespace ppinfer
