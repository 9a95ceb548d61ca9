#include "input/read_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <new>

#include "core/image_failure.h"
#include "core/machine_failure.h"
#include "core/sniff.h"
#include "input/system_reason.h"

namespace ppinfer {
namespace {

constexpr std::size_t kSizeLimitBytes = std::size_t{2} << 30;  // codecs count bytes in int
constexpr std::size_t kGrowthBytes = std::size_t{64} << 10;

void require_regular_file(const struct stat& status) {
  if (S_ISDIR(status.st_mode)) throw_unreadable("is a folder");
  if (!S_ISREG(status.st_mode)) throw_unreadable("not a regular file");
}

class File {
 public:
  explicit File(const std::string& path) {
    do {  // O_NONBLOCK: should a FIFO have taken the file's place since stat, opening it must not block
      descriptor_ = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    } while (descriptor_ < 0 && errno == EINTR);
    if (descriptor_ < 0) throw_failed_read(errno);
  }
  ~File() { close(descriptor_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  std::size_t size_bytes() const {
    struct stat status;
    if (fstat(descriptor_, &status) != 0) throw_failed_read(errno);
    require_regular_file(status);
    return static_cast<std::size_t>(std::max<off_t>(status.st_size, 0));
  }

  std::size_t read_some(std::uint8_t* to, std::size_t limit_bytes) const {  // 0: end of file
    for (;;) {
      const ssize_t got = read(descriptor_, to, limit_bytes);
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR) throw_failed_read(errno);
    }
  }

 private:
  int descriptor_ = -1;
};

// A file that isn't an image is not read completely: its first bytes are enough for the error.
bool is_other(const std::vector<std::uint8_t>& bytes, std::size_t filled) {
  return filled >= kSniffBytes && sniff({bytes.data(), kSniffBytes}) == ImageKind::kOther;
}

}  // namespace

void resize_for_file(std::vector<std::uint8_t>& bytes, std::size_t count) {
  try {
    bytes.resize(count);
  } catch (const std::bad_alloc&) {
    throw out_of_memory("reading", count);
  }
}

void require_file_size(std::size_t size_bytes) {
  if (size_bytes >= kSizeLimitBytes) throw_unreadable("the file has 2 GiB or more: too large for an image file");
}

void read_file(const std::string& path, std::vector<std::uint8_t>& bytes, const FileLimit& limit) {
  if (path.find('\0') != std::string::npos) throw_unreadable("the path holds a NUL byte");
  struct stat status;
  // Before opening, since opening a device or a FIFO can have effects of its own.
  if (stat(path.c_str(), &status) != 0) {
    throw ImageFailure(stage_of_failed_read(errno), stat_failure_reason(path, errno));
  }
  require_regular_file(status);

  const File file(path);
  const std::size_t expected_bytes = file.size_bytes();
  require_file_size(expected_bytes);
  if (expected_bytes >= bytes.capacity()) bytes = {};  // what it held need not be copied
  const std::size_t whole_bytes = expected_bytes + 1;  // the one more is how the end is noticed without another round
  const std::size_t first_bytes = std::min(whole_bytes, kFileStartBytes);
  if (bytes.size() < first_bytes)
    resize_for_file(bytes, first_bytes);  // it isn't made smaller, only to be filled up once more
  std::size_t filled = file.read_some(bytes.data(), first_bytes);
  if (!is_other(bytes, filled)) {
    const std::uint64_t most_bytes =
        limit && filled == kFileStartBytes ? limit({bytes.data(), filled}, expected_bytes) : expected_bytes;
    // The file as it was when its size was asked for may grow; one that is read in part may not.
    const bool is_in_part = most_bytes < expected_bytes;
    resize_for_file(bytes, is_in_part ? std::max(filled, static_cast<std::size_t>(most_bytes)) : whole_bytes);
    while (!is_in_part || filled < bytes.size()) {
      if (filled == bytes.size())
        resize_for_file(bytes, filled + std::max(filled / 2, kGrowthBytes));  // it grew meanwhile
      const std::size_t got = file.read_some(bytes.data() + filled, bytes.size() - filled);
      if (got == 0) break;
      filled += got;
      require_file_size(filled);
    }
  }
  bytes.resize(filled);
}

}  // namespace ppinfer
