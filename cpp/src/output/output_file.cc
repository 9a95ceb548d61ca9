#include "output/output_file.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <system_error>

#include "ppinfer/error.h"

namespace ppinfer {
namespace {

constexpr std::size_t kBufferBytes = 64 << 10;
constexpr std::size_t kTakenAtOnceBytes = PIPE_BUF;  // by a pipe that is writable; a longer write may wait (pipe(7))
constexpr std::chrono::seconds kLongestWait{1};

// True also if a write will fail: the write then reports the reason.
bool is_writable(int descriptor, int wait_ms) {
  pollfd asked{descriptor, POLLOUT, 0};
  return ::poll(&asked, 1, wait_ms) > 0;
}

std::string reason(int error, bool opening) {
  if (error == EBADF) return "it is closed";
  if (error == EPIPE) return "the reader has closed the pipe";
  if (opening && error == EISDIR) return "it is a folder, expected the name of a file, or - for standard output";
  if (opening && error == ENOENT) return "its folder doesn't exist: make it first";
  return std::generic_category().message(error);
}

}  // namespace

void throw_write_failure(const std::string& path, int error, bool opening) {
  throw RuntimeFailure("cannot write " + (path == "-" ? "to standard output" : path) + ": " + reason(error, opening));
}

OutputFile::OutputFile(const std::string& path) : path_(path), last_flush_(std::chrono::steady_clock::now()) {
  if (path.empty()) {
    throw RuntimeFailure("the output's path is empty, expected the name of a file, or - for standard output");
  }
  if (path == "-") {
    descriptor_ = STDOUT_FILENO;
  } else {
    do {
      descriptor_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    } while (descriptor_ < 0 && errno == EINTR);
    if (descriptor_ < 0) throw_write_failure(path, errno, true);
  }
  at_once_ = ::isatty(descriptor_) == 1;
  buffer_.reserve(2 * kBufferBytes);
}

OutputFile::~OutputFile() {
  try {
    close();
  } catch (const RuntimeFailure&) {
    // The contract: whoever wants to know calls close().
  }
}

bool OutputFile::full() const { return at_once_ || buffer_.size() >= kBufferBytes; }

void OutputFile::appended() {
  if (descriptor_ < 0) throw_write_failure(path_, EBADF, false);
  const auto now = std::chrono::steady_clock::now();
  if (full() || now - last_flush_ >= kLongestWait) {
    flush();
    last_flush_ = now;
  }
}

void OutputFile::close() {
  if (descriptor_ < 0) return;
  flush();
  const int closing = descriptor_;
  descriptor_ = -1;
  // Standard output belongs to the process. EINTR: Linux has closed the file nevertheless.
  if (closing != STDOUT_FILENO && ::close(closing) != 0 && errno != EINTR) throw_write_failure(path_, errno, false);
}

void OutputFile::flush() {
  for (std::size_t written = 0; written < buffer_.size();) {
    const std::size_t more = write_some(buffer_.data() + written, buffer_.size() - written);
    written += more;
    if (more == 0) is_writable(descriptor_, -1);
  }
  buffer_.clear();
}

bool OutputFile::flush_what_fits() {
  std::size_t written = 0;
  while (written < buffer_.size() && is_writable(descriptor_, 0)) {
    const std::size_t more =
        write_some(buffer_.data() + written, std::min(buffer_.size() - written, kTakenAtOnceBytes));
    written += more;
    if (more == 0) break;
  }
  buffer_.erase(0, written);
  return buffer_.empty();
}

// 0: a signal came in between, or another process made this pipe or terminal non-blocking, and it is full.
std::size_t OutputFile::write_some(const char* bytes, std::size_t count) {
  const ssize_t written = ::write(descriptor_, bytes, count);
  if (written < 0 && errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK) fail(errno);
  return written < 0 ? 0 : static_cast<std::size_t>(written);
}

// No further write: after a failure in the middle of a record, later records would follow a truncated one.
void OutputFile::fail(int error) {
  buffer_.clear();
  if (descriptor_ != STDOUT_FILENO) ::close(descriptor_);
  descriptor_ = -1;
  throw_write_failure(path_, error, false);
}

}  // namespace ppinfer
