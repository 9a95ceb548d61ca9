#include "input/read_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "core/image_failure.h"
#include "input/system_reason.h"

namespace ppinfer {
namespace {

constexpr std::size_t kSizeLimitBytes = std::size_t{2} << 30;  // codecs count bytes in int
constexpr std::size_t kGrowthBytes = std::size_t{64} << 10;

[[noreturn]] void fail(const std::string& reason) { throw ImageFailure(Stage::kRead, reason); }

void require_regular_file(const struct stat& status) {
  if (S_ISDIR(status.st_mode)) fail("is a folder");
  if (!S_ISREG(status.st_mode)) fail("not a regular file");
}

void require_size(std::size_t size_bytes) {
  if (size_bytes >= kSizeLimitBytes) fail("the file has 2 GiB or more: too large for an image file");
}

class File {
 public:
  explicit File(const std::string& path) {
    do {  // O_NONBLOCK: should a FIFO have taken the file's place since stat, opening it must not block
      descriptor_ = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    } while (descriptor_ < 0 && errno == EINTR);
    if (descriptor_ < 0) fail(system_reason(errno));
  }
  ~File() { close(descriptor_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  std::size_t size_bytes() const {
    struct stat status;
    if (fstat(descriptor_, &status) != 0) fail(system_reason(errno));
    require_regular_file(status);
    return static_cast<std::size_t>(std::max<off_t>(status.st_size, 0));
  }

  std::size_t read_some(std::uint8_t* to, std::size_t limit_bytes) const {  // 0: end of file
    for (;;) {
      const ssize_t got = read(descriptor_, to, limit_bytes);
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR) fail(system_reason(errno));
    }
  }

 private:
  int descriptor_ = -1;
};

}  // namespace

void read_file(const std::string& path, std::vector<std::uint8_t>& bytes) {
  if (path.find('\0') != std::string::npos) fail("the path holds a NUL byte");
  struct stat status;
  // Before opening, since opening a device or a FIFO can have effects of its own.
  if (stat(path.c_str(), &status) != 0) fail(stat_failure_reason(path, errno));
  require_regular_file(status);

  const File file(path);
  const std::size_t expected_bytes = file.size_bytes();
  require_size(expected_bytes);
  bytes.resize(expected_bytes + 1);  // the one more is how the end is noticed without another round
  std::size_t filled = 0;
  while (const std::size_t got = file.read_some(bytes.data() + filled, bytes.size() - filled)) {
    filled += got;
    require_size(filled);
    if (filled == bytes.size()) bytes.resize(filled + std::max(filled / 2, kGrowthBytes));  // it grew meanwhile
  }
  bytes.resize(filled);
}

}  // namespace ppinfer
