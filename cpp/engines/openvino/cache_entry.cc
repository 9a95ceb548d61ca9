#include "cache_entry.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <streambuf>
#include <utility>

#include "core/xxh64.h"

namespace ppinfer {
namespace {

using Hash = std::uint64_t;

[[noreturn]] void throw_errno() { throw std::runtime_error(std::strerror(errno)); }

class OpenFile {
 public:
  explicit OpenFile(int fd) : fd_(fd) {}
  // Not blocking: a FIFO would wait for a reader or writer.
  OpenFile(const CacheFolder& folder, const std::string& name, int flags)
      : fd_(openat(folder.descriptor(), name.c_str(), flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0644)) {}
  ~OpenFile() {
    if (fd_ >= 0) close(fd_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  int fd() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

  struct stat status() const {
    struct stat status {};
    if (fstat(fd_, &status) != 0) throw_errno();
    return status;
  }

  void require_trust() const {
    if (!S_ISREG(status().st_mode)) throw std::runtime_error("it is not a regular file");
    const std::string problem = trust_problem(fd_);
    if (!problem.empty()) throw std::runtime_error(problem);
  }

 private:
  int fd_;
};

// Writes into an open file. OpenVINO goes back to where it began, to fill in what it knows only at the end.
class FileBuffer : public std::streambuf {
 public:
  explicit FileBuffer(int fd) : fd_(fd) {}
  int error() const { return error_; }  // errno of the write that failed

 protected:
  std::streamsize xsputn(const char* bytes, std::streamsize count) override {
    std::streamsize written = 0;
    while (written < count) {
      const ssize_t part = pwrite(fd_, bytes + written, static_cast<std::size_t>(count - written), at_);
      if (part < 0 && errno == EINTR) continue;
      if (part <= 0) {
        error_ = part < 0 ? errno : ENOSPC;
        break;
      }
      written += part;
      at_ += part;
      end_ = std::max(end_, at_);
    }
    return written;
  }
  int_type overflow(int_type letter) override {
    const char byte = traits_type::to_char_type(letter);
    if (!traits_type::eq_int_type(letter, traits_type::eof()) && xsputn(&byte, 1) != 1) return traits_type::eof();
    return traits_type::not_eof(letter);
  }
  pos_type seekoff(off_type offset, std::ios_base::seekdir from, std::ios_base::openmode /*which*/) override {
    const off_t base = from == std::ios_base::beg ? 0 : from == std::ios_base::cur ? at_ : end_;
    if (base + offset < 0) return pos_type(off_type(-1));
    at_ = base + offset;
    return at_;
  }
  pos_type seekpos(pos_type position, std::ios_base::openmode which) override {
    return seekoff(off_type(position), std::ios_base::beg, which);
  }

 private:
  const int fd_;
  off_t at_ = 0;
  off_t end_ = 0;
  int error_ = 0;
};

ov::Tensor mapped(int fd, off_t byte_count) {
  return ov::read_tensor_data(fd, ov::element::u8, ov::PartialShape{byte_count});  // closes it
}

Hash hash_of(const ov::Tensor& bytes, Hash seed) {
  return Xxh64::of({static_cast<const char*>(bytes.data()), bytes.get_byte_size()}, seed);
}

// Whoever holds its lock may write it. By then it may have been finished by another, and be the entry.
bool is_ours(const OpenFile& draft, const CacheFolder& folder, const std::string& name) {
  if (flock(draft.fd(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return false;
    throw_errno();
  }
  const struct stat locked = draft.status();
  struct stat there {};
  return fstatat(folder.descriptor(), name.c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0 &&
         locked.st_ino == there.st_ino && locked.st_dev == there.st_dev;
}

void write_draft(const OpenFile& draft, Hash seed, const std::function<void(std::ostream&)>& write) {
  if (ftruncate(draft.fd(), 0) != 0) throw_errno();
  FileBuffer buffer(draft.fd());
  std::ostream out(&buffer);
  write(out);
  const auto require_written = [&] {
    if (!out) throw std::runtime_error(buffer.error() == 0 ? "writing failed" : std::strerror(buffer.error()));
  };
  require_written();
  const int reader = fcntl(draft.fd(), F_DUPFD_CLOEXEC, 0);
  if (reader < 0) throw_errno();
  const Hash hash = hash_of(mapped(reader, draft.status().st_size), seed);
  out.seekp(0, std::ios::end);
  out.write(reinterpret_cast<const char*>(&hash), sizeof(hash));
  require_written();
  if (fsync(draft.fd()) != 0) throw_errno();
}

}  // namespace

std::optional<ov::Tensor> read_entry(const CacheFolder& folder, const std::string& name, Hash seed,
                                     std::uint64_t most_bytes) {
  OpenFile file(folder, name, O_RDONLY);
  if (file.fd() < 0 && errno == ENOENT) return std::nullopt;
  if (file.fd() < 0 && errno == ELOOP) throw std::runtime_error("it is not a regular file");
  if (file.fd() < 0) throw_errno();
  file.require_trust();
  const off_t file_bytes = file.status().st_size;
  if (file_bytes > 0 && static_cast<std::uint64_t>(file_bytes) > most_bytes) {
    throw std::runtime_error("it has " + std::to_string(file_bytes) + " bytes, more than the " +
                             std::to_string(most_bytes) + " that this model can need");
  }
  const off_t bytes_end = file_bytes - static_cast<off_t>(sizeof(Hash));
  Hash written = 0;
  if (bytes_end <= 0 || pread(file.fd(), &written, sizeof(written), bytes_end) != sizeof(written)) {
    throw std::runtime_error("it is damaged");
  }
  ov::Tensor bytes = mapped(file.release(), bytes_end);
  if (hash_of(bytes, seed) != written) throw std::runtime_error("it is damaged");
  return bytes;
}

void write_entry(const CacheFolder& folder, const std::string& name, Hash seed,
                 const std::function<void(std::ostream&)>& write) {
  const std::string draft_name = name + ".new";  // one that a killed process left is taken over
  const OpenFile draft(folder, draft_name, O_RDWR | O_CREAT);
  if (draft.fd() < 0) throw_errno();
  draft.require_trust();
  if (!is_ours(draft, folder, draft_name)) return;
  try {
    write_draft(draft, seed, write);
    if (renameat(folder.descriptor(), draft_name.c_str(), folder.descriptor(), name.c_str()) != 0) throw_errno();
  } catch (...) {
    unlinkat(folder.descriptor(), draft_name.c_str(), 0);
    throw;
  }
}

}  // namespace ppinfer
