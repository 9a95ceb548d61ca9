#include "openvino_error.h"

#include <sstream>

namespace ppinfer {

// Such a message is lines of "Exception from FILE:LINE:", "Check 'CODE' failed at FILE:LINE:" and "FrontEnd API failed
// with KIND:", and then the reason.
std::string reason_of(const std::exception& error) {
  std::istringstream message(error.what());
  std::string last;
  for (std::string line; std::getline(message, line);) {
    if (line.find_first_not_of(" \t") == std::string::npos) continue;
    last = line;
    const auto starts_with = [&line](const char* prefix) { return line.rfind(prefix, 0) == 0; };
    if (!starts_with("Exception from ") && !starts_with("Check '") && !starts_with("FrontEnd API failed")) return line;
  }
  return last;
}

}  // namespace ppinfer
