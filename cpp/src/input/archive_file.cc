#include "input/archive_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "core/image_failure.h"
#include "core/machine_failure.h"
#include "input/system_reason.h"

namespace ppinfer {
namespace {

constexpr std::size_t kArchiveBufferBytes = std::size_t{64} << 10;

}  // namespace

ArchiveFile::ArchiveFile(const std::string& path, const std::atomic<bool>* stopped)
    : stopped_(stopped), buffer_(kArchiveBufferBytes) {
  struct stat status;
  // Before opening, since opening a device or a FIFO can have effects of its own.
  if (stat(path.c_str(), &status) != 0) {
    const int number = errno;
    throw ImageFailure(stage_of_failed_read(number), stat_failure_reason(path, number));
  }
  if (!S_ISREG(status.st_mode)) throw_unreadable("not a regular file");
  do {
    descriptor_ = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  } while (descriptor_ < 0 && errno == EINTR);
  if (descriptor_ < 0) {
    const int number = errno;
    throw_failed_read(number);
  }
  size_bytes_ = seek_end_ = status.st_size;
}

ArchiveFile::~ArchiveFile() { close(descriptor_); }

std::int64_t ArchiveFile::read(const void** bytes) {
  *bytes = buffer_.data();
  if (stopped_ != nullptr && *stopped_) {
    errno = ECANCELED;
    return -1;
  }
  for (;;) {
    const ssize_t got = ::read(descriptor_, buffer_.data(), buffer_.size());
    if (got > 0) bytes_read_ += got;
    if (got >= 0 || errno != EINTR) return got;
  }
}

std::int64_t ArchiveFile::skip(std::int64_t bytes) const {
  const off_t place = lseek(descriptor_, 0, SEEK_CUR);
  if (place < 0) return 0;  // then libarchive reads what it doesn't want
  const std::int64_t skipped = std::clamp<std::int64_t>(size_bytes_ - place, 0, bytes);
  return lseek(descriptor_, skipped, SEEK_CUR) < 0 ? 0 : skipped;
}

std::int64_t ArchiveFile::seek(std::int64_t offset, int whence) const {
  return whence == SEEK_END ? lseek(descriptor_, seek_end_ + offset, SEEK_SET) : lseek(descriptor_, offset, whence);
}

std::vector<std::uint8_t> ArchiveFile::bytes_at(std::int64_t offset, std::size_t limit_bytes) const {
  std::vector<std::uint8_t> bytes(limit_bytes);
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t got =
        pread(descriptor_, bytes.data() + filled, bytes.size() - filled, offset + static_cast<std::int64_t>(filled));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    filled += static_cast<std::size_t>(got);
  }
  bytes.resize(filled);
  return bytes;
}

}  // namespace ppinfer
