#include "paddle_error.h"

#include <sstream>

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
  std::istringstream lines(message);
  for (std::string line; std::getline(lines, line);) {
    const bool rule = line.find_first_not_of("- \t") == std::string::npos;
    if (!rule) return without_kind(line);
  }
  return "no reason given";
}

void silence_log() {
  if (&fLI::FLAGS_minloglevel != nullptr) fLI::FLAGS_minloglevel = kFatalOnly;
}

}  // namespace ppinfer
