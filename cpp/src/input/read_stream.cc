#include "input/read_stream.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <new>

#include "core/image_failure.h"
#include "core/machine_failure.h"
#include "core/sniff.h"
#include "input/read_file.h"
#include "input/system_reason.h"

namespace ppinfer {
namespace {

constexpr std::size_t kFirstPipeBytes = std::size_t{64} << 10;
constexpr int kPollIntervalMs = 100;

class Stream {
 public:
  Stream(const std::string& path, const std::atomic<bool>* stopped)
      : is_standard_input_(path == kStandardInput), stopped_(stopped) {
    if (is_standard_input_) {
      descriptor_ = STDIN_FILENO;
      return;
    }
    do {  // O_NONBLOCK: whoever writes it is waited for below, where a wait can be ended
      descriptor_ = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    } while (descriptor_ < 0 && errno == EINTR);
    if (descriptor_ < 0) throw_failed_read(errno);
  }
  ~Stream() {
    if (!is_standard_input_) close(descriptor_);
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  std::size_t read_some(std::uint8_t* to, std::size_t limit_bytes) const {  // 0: the end
    for (;;) {
      wait();
      const ssize_t got = read(descriptor_, to, limit_bytes);
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR && errno != EAGAIN) throw_failed_read(errno);
    }
  }

 private:
  void wait() const {
    pollfd waited{descriptor_, POLLIN, 0};
    while (stopped_ == nullptr || !*stopped_) {
      const int ready = poll(&waited, 1, kPollIntervalMs);
      if (ready > 0) return;
      if (ready < 0 && errno != EINTR) throw_failed_read(errno);
    }
    throw_failed_read(ECANCELED);
  }

  const bool is_standard_input_;
  const std::atomic<bool>* const stopped_;
  int descriptor_ = -1;
};

}  // namespace

bool is_named_pipe(const std::string& path) {
  struct stat status;
  return path.find('\0') == std::string::npos && stat(path.c_str(), &status) == 0 && S_ISFIFO(status.st_mode);
}

void read_stream(const std::string& path, const std::atomic<bool>* stopped, std::vector<std::uint8_t>& bytes) {
  const Stream stream(path, stopped);
  resize_for_file(bytes, kFirstPipeBytes);
  std::size_t filled = 0;
  bool is_sniffed = false;
  while (const std::size_t got = stream.read_some(bytes.data() + filled, bytes.size() - filled)) {
    filled += got;
    if (!is_sniffed && filled >= kSniffBytes) {
      is_sniffed = true;
      if (sniff({bytes.data(), kSniffBytes}) == ImageKind::kOther) break;
    }
    require_file_size(filled);
    if (filled == bytes.size()) resize_for_file(bytes, filled + filled / 2);
  }
  bytes.resize(filled);
}

}  // namespace ppinfer
