#include "ppinfer/growing_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include "core/own_file.h"
#include "core/same_file.h"
#include "output/output_file.h"
#include "ppinfer/error.h"

namespace ppinfer {
namespace {

// Some network file systems have no locks: there, nobody keeps two runs apart.
bool lacks_locks(int error) { return error == ENOLCK || error == EOPNOTSUPP || error == ENOSYS; }

// Nor has every file system modes.
bool lacks_modes(int error) { return error == EPERM || error == EACCES || error == EOPNOTSUPP || error == ENOSYS; }

// Network file systems let signals interrupt calls that are never interrupted elsewhere. False: see errno.
template <class Call>
bool is_done(const Call& call) {
  int result = call();
  while (result != 0 && errno == EINTR) result = call();
  return result == 0;
}

[[noreturn]] void throw_held(const std::string& path) {
  throw RuntimeFailure(path + " is being written by another run: wait for it to end, or choose another output");
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// A name is safe on disk once its folder is. Not every file system can do that for folders, and nothing is lost then.
void sync_folder(const std::string& path) {
  const int folder = ::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  static_cast<void>(::fsync(folder));
  ::close(folder);
}

}  // namespace

GrowingFile::~GrowingFile() { close(); }

void GrowingFile::require_free(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0) return;  // it is gone, or another user's
  const bool is_held = ::flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(descriptor);
  if (is_held) throw_held(path);
}

void GrowingFile::open() { open(false); }
void GrowingFile::open_fresh() { open(true); }

void GrowingFile::open(bool fresh) {
  for (;;) {
    descriptor_ = open_own_file(path_, fresh ? OwnFile::kFresh : OwnFile::kKeep);
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0 && !lacks_locks(errno)) {
      const int error = errno;
      close();
      if (error != EWOULDBLOCK) fail(error);
      throw_held(path_);
    }
    struct stat opened;
    struct stat named;
    if (::fstat(descriptor_, &opened) != 0) fail(errno);
    if (::lstat(path_.c_str(), &named) == 0 && is_same_file(opened, named)) {
      bytes_ = opened.st_size;
      buffer_.reserve(2 * kFullBytes);
      return;
    }
    close();  // whoever held it has just renamed or removed it
  }
}

void GrowingFile::truncate(std::int64_t bytes) {
  if (!is_done([&] { return ::ftruncate(descriptor_, bytes); })) fail(errno);
  bytes_ = bytes;
}

std::size_t GrowingFile::read(std::int64_t offset, char* to, std::size_t count) const {
  std::size_t filled = 0;
  while (filled < count) {
    const ssize_t got = ::pread(descriptor_, to + filled, count - filled, offset + static_cast<std::int64_t>(filled));
    if (got == 0) break;
    if (got > 0) {
      filled += static_cast<std::size_t>(got);
    } else if (errno != EINTR) {
      throw RuntimeFailure("cannot read " + path_ + ": " + std::generic_category().message(errno));
    }
  }
  return filled;
}

void GrowingFile::flush() {
  if (broken_) fail(EIO);
  require_presence();
  std::size_t written = 0;
  while (written < buffer_.size()) {
    const ssize_t put = ::pwrite(descriptor_, buffer_.data() + written, buffer_.size() - written,
                                 bytes_ + static_cast<std::int64_t>(written));
    if (put >= 0) {
      written += static_cast<std::size_t>(put);
    } else if (errno != EINTR) {
      const int error = errno;
      broken_ = true;
      // Should this fail too, a resumed run finds the torn end by itself.
      static_cast<void>(::ftruncate(descriptor_, bytes_));
      fail(error);
    }
  }
  bytes_ += static_cast<std::int64_t>(written);
  buffer_.clear();
}

void GrowingFile::require_presence() {
  struct stat opened;
  struct stat named;
  if (::fstat(descriptor_, &opened) != 0) fail(errno);
  if (::lstat(path_.c_str(), &named) == 0 && is_same_file(opened, named)) return;
  broken_ = true;
  throw RuntimeFailure(path_ + " was removed or replaced during the run: this run has lost its content");
}

void GrowingFile::sync() {
  if (!is_done([&] { return ::fsync(descriptor_); })) fail(errno);
}

void GrowingFile::close() {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

void GrowingFile::rename_to(const std::string& path) {
  require_presence();
  struct stat old;
  if (::stat(path.c_str(), &old) == 0 && ::fchmod(descriptor_, old.st_mode & 07777) != 0 && !lacks_modes(errno)) {
    fail(errno);
  }
  if (::rename(path_.c_str(), path.c_str()) != 0) throw_write_failure(path, errno, false);
  sync_folder(path);
  close();
}

void GrowingFile::remove() {
  if (!is_open()) return;
  struct stat opened;
  struct stat named;
  const bool is_ours =
      ::fstat(descriptor_, &opened) == 0 && ::lstat(path_.c_str(), &named) == 0 && is_same_file(opened, named);
  const int error = is_ours && ::unlink(path_.c_str()) != 0 ? errno : 0;
  close();
  if (error != 0 && error != ENOENT) fail(error);
}

void GrowingFile::fail(int error) const { throw_write_failure(path_, error, false); }

}  // namespace ppinfer
