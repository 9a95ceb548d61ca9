#include "cache_entry.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "core/xxh64.h"

namespace ppinfer {
namespace {

using Hash = std::uint64_t;

[[noreturn]] void throw_errno() { throw std::runtime_error(errno == 0 ? "writing failed" : std::strerror(errno)); }

class OpenFile {
 public:
  OpenFile(const std::string& path, int flags) : fd_(open(path.c_str(), flags | O_CLOEXEC, 0666)) {}
  ~OpenFile() {
    if (fd_ >= 0) close(fd_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  int fd() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

Hash hash_of(const ov::Tensor& bytes, Hash seed) {
  return Xxh64::of({static_cast<const char*>(bytes.data()), bytes.get_byte_size()}, seed);
}

// Whoever holds its lock may write it. By then it may have been finished by another, and be the entry.
bool is_ours(const OpenFile& draft, const std::string& path) {
  if (flock(draft.fd(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return false;
    throw_errno();
  }
  struct stat locked {};
  struct stat there {};
  if (fstat(draft.fd(), &locked) != 0) throw_errno();
  return stat(path.c_str(), &there) == 0 && locked.st_ino == there.st_ino && locked.st_dev == there.st_dev;
}

void write_draft(const std::string& path, Hash seed, const std::function<void(std::ostream&)>& write) {
  errno = 0;  // a stream doesn't say why it failed
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  write(out);  // goes back to its beginning in the end, so that only the file has all
  if (!out.flush()) throw_errno();
  const Hash hash = hash_of(ov::read_tensor_data(path), seed);
  out.seekp(0, std::ios::end);
  out.write(reinterpret_cast<const char*>(&hash), sizeof(hash));
  out.close();
  if (!out) throw_errno();
}

}  // namespace

std::optional<ov::Tensor> read_entry(const std::string& path, Hash seed) {
  OpenFile file(path, O_RDONLY);
  if (file.fd() < 0 && errno == ENOENT) return std::nullopt;
  struct stat status {};
  if (file.fd() < 0 || fstat(file.fd(), &status) != 0) throw_errno();
  const off_t bytes_end = status.st_size - static_cast<off_t>(sizeof(Hash));
  Hash written = 0;
  if (bytes_end <= 0 || pread(file.fd(), &written, sizeof(written), bytes_end) != sizeof(written)) {
    throw std::runtime_error("it is damaged");
  }
  ov::Tensor bytes = ov::read_tensor_data(file.release(), ov::element::u8, ov::PartialShape{bytes_end});
  if (hash_of(bytes, seed) != written) throw std::runtime_error("it is damaged");
  return bytes;
}

void write_entry(const std::string& path, Hash seed, const std::function<void(std::ostream&)>& write) {
  const std::string draft_path = path + ".new";  // one that a killed process left is taken over
  const OpenFile draft(draft_path, O_RDWR | O_CREAT | O_NOFOLLOW);
  if (draft.fd() < 0) throw_errno();
  if (!is_ours(draft, draft_path)) return;
  try {
    write_draft(draft_path, seed, write);
    if (fsync(draft.fd()) != 0 || std::rename(draft_path.c_str(), path.c_str()) != 0) throw_errno();
  } catch (...) {
    unlink(draft_path.c_str());
    throw;
  }
}

}  // namespace ppinfer
