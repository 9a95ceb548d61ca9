#include "input/path_list.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <string_view>
#include <utility>

#include "core/text_encoding.h"
#include "input/system_reason.h"
#include "ppinfer/error.h"

namespace ppinfer {
namespace {

constexpr std::size_t kListBufferBytes = std::size_t{64} << 10;
constexpr std::size_t kLongestEntryBytes = std::size_t{64} << 10;  // Linux takes 4,096; a member's name comes on top

constexpr std::string_view kUtf8Mark = "\xef\xbb\xbf";

constexpr int kListPollIntervalMs = 100;

int open_list(const std::string& path) {
  struct stat status;
  int error_number = 0;
  int descriptor = -1;
  if (path.find('\0') != std::string::npos) {
    error_number = ENOENT;
  } else if (stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) {
    error_number = EISDIR;
  } else {  // a FIFO or a device may well be a list
    do {
      // O_NONBLOCK: a FIFO that nobody writes to yet is waited for as for any list, where a wait can be ended.
      descriptor = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    } while (descriptor < 0 && errno == EINTR);
    error_number = errno;
  }
  if (descriptor >= 0) return descriptor;
  throw ConfigError({"the list " + path + " cannot be read: " +
                     (error_number == EISDIR ? "is a folder, expected a file of paths" : system_reason(error_number))});
}

}  // namespace

PathList::PathList(std::string path, bool ends_in_nul, const std::atomic<bool>& stopped)
    : path_(std::move(path)),
      ends_in_nul_(ends_in_nul),
      stopped_(stopped),
      descriptor_(path_ == "-" ? STDIN_FILENO : open_list(path_)),
      buffer_(kListBufferBytes) {}

PathList::~PathList() {
  if (descriptor_ != STDIN_FILENO) close(descriptor_);
}

bool PathList::next(std::string& path, const std::function<void()>& while_waiting) {
  if (!failure_.empty()) throw RuntimeFailure(failure_);
  while (read_entry(path, while_waiting)) {
    ++entries_;
    if (ends_in_nul_) {
      require_nul_list(path);
      return true;
    }
    if (entries_ == 1 && path.rfind(kUtf8Mark, 0) == 0) path.erase(0, kUtf8Mark.size());
    if (entries_ == 1 && (path.rfind("\xff\xfe", 0) == 0 || path.rfind("\xfe\xff", 0) == 0)) {
      fail(encoding_problem(path));
    }
    if (path.find('\0') != std::string::npos) {
      fail("line " + std::to_string(entries_) + " holds a NUL byte: a list whose paths end in NUL is read with -0");
    }
    if (!path.empty() && path.back() == '\r') path.pop_back();
    if (!path.empty()) return true;
  }
  return false;
}

void PathList::require_nul_list(const std::string& entry) {
  if (entry.empty()) fail("entry " + std::to_string(entries_) + " is empty, expected a path");
  if (entries_ == 1 && is_unended_ && entry.find('\n') != std::string::npos) {
    fail("holds lines and no NUL byte: a list with a path a line is read without -0");
  }
}

bool PathList::is_file() const {
  struct stat status;
  return fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode);
}

bool PathList::is_ready() const {
  const char* const to = buffer_.data() + end_;
  if (std::find(buffer_.data() + start_, to, terminator()) != to) return true;
  pollfd asked{descriptor_, POLLIN, 0};
  return poll(&asked, 1, 0) > 0;
}

bool PathList::read_entry(std::string& entry, const std::function<void()>& while_waiting) {
  entry.clear();
  for (;;) {
    if (start_ == end_ && !fill(while_waiting)) {
      is_unended_ = true;  // which the last one may be
      return !entry.empty() && !stopped_;
    }
    const char* const from = buffer_.data() + start_;
    const char* const to = buffer_.data() + end_;
    const char* const found = std::find(from, to, terminator());
    entry.append(from, found);
    if (entry.size() > kLongestEntryBytes) {
      const std::string kind = ends_in_nul_ ? "entry " : "line ";
      fail(kind + std::to_string(entries_ + 1) + " is longer than any path" +
           (ends_in_nul_ ? ": a list with a path a line is read without -0" : ""));
    }
    start_ += static_cast<std::size_t>(found - from) + (found == to ? 0 : 1);
    if (found != to) return true;
  }
}

// Whoever writes a pipe may take its time.
bool PathList::wait_for_more(const std::function<void()>& while_waiting) {
  pollfd waited{descriptor_, POLLIN, 0};
  while (!stopped_) {
    const int ready = poll(&waited, 1, kListPollIntervalMs);
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) fail(system_reason(errno));
    if (while_waiting) while_waiting();
  }
  return false;
}

bool PathList::fill(const std::function<void()>& while_waiting) {
  ssize_t got = 0;
  do {
    if (!wait_for_more(while_waiting)) return false;
    got = read(descriptor_, buffer_.data(), buffer_.size());
  } while (got < 0 && (errno == EINTR || errno == EAGAIN));
  if (got < 0) fail(system_reason(errno));
  start_ = 0;
  end_ = static_cast<std::size_t>(got);
  return got > 0;
}

void PathList::fail(const std::string& reason) {
  failure_ = (path_ == "-" ? "the list on standard input" : "the list " + path_) + ": " + reason;
  throw RuntimeFailure(failure_);
}

}  // namespace ppinfer
