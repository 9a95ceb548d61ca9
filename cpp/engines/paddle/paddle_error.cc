#include "paddle_error.h"

#include <algorithm>
#include <string_view>

#include "model/reason_text.h"

// glog's own flag, which Paddle's library exports; null in a build of it that doesn't.
namespace fLI {
extern int FLAGS_minloglevel __attribute__((weak));
}

namespace ppinfer {
namespace {

constexpr int kFatalOnly = 3;

// "UnavailableError: reason" or "(Unavailable) reason", depending on FLAGS_call_stack_level.
std::string without_kind(const std::string& line) {
  if (line.front() == '(') {
    const std::size_t end = line.find(") ");
    return end == std::string::npos ? line : line.substr(end + 2);
  }
  const std::size_t end = line.find("Error: ");
  const bool kind = end != std::string::npos && line.find(' ') > end;
  return kind ? line.substr(end + 7) : line;
}

}  // namespace

std::string reason_of(const std::exception& error) {
  std::string message = error.what();
  const std::size_t summary = message.find("Error Message Summary:");
  if (summary != std::string::npos) message.erase(0, message.find('\n', summary));
  message.erase(std::min(message.find("\n  [Hint:"), message.size()));
  const std::size_t place = message.rfind(" (at ");  // in Paddle's source
  if (place != std::string::npos && message.find(' ', place + 5) == std::string::npos) message.erase(place);
  return without_kind(reason_from_lines(message, [](std::string_view line) { return line.back() == ':'; }));
}

void silence_log() {
  if (&fLI::FLAGS_minloglevel != nullptr) fLI::FLAGS_minloglevel = kFatalOnly;
}

}  // namespace ppinfer
