#include "model/reason_text.h"

#include <algorithm>
#include <vector>

namespace ppinfer {
namespace {

constexpr std::size_t kMostBytes = 1000;

std::string_view trimmed(std::string_view line) {
  const std::size_t first = line.find_first_not_of(" \t\r-");
  if (first == std::string_view::npos) return {};
  return line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
}

// Not in the middle of a character.
std::string cut(const std::string& text) {
  if (text.size() <= kMostBytes) return text;
  std::size_t end = kMostBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

}  // namespace

std::string reason_from_lines(const std::string& message, const std::function<bool(std::string_view)>& is_heading) {
  std::vector<std::string_view> reasons;
  std::string_view heading = "no reason given";
  for (std::string_view left = message; !left.empty();) {
    const std::size_t length = std::min(left.find('\n'), left.size());
    const std::string_view line = trimmed(left.substr(0, length));
    left.remove_prefix(std::min(length + 1, left.size()));
    if (line.empty()) continue;
    if (is_heading(line)) {
      heading = line;
    } else if (std::find(reasons.begin(), reasons.end(), line) == reasons.end()) {
      reasons.push_back(line);
    }
  }
  if (reasons.empty()) reasons.push_back(heading);
  std::string text;
  for (const std::string_view reason : reasons) text += (text.empty() ? "" : "; ") + std::string(reason);
  std::replace_if(
      text.begin(), text.end(), [](unsigned char byte) { return byte < 0x20 || byte == 0x7f; }, ' ');
  return cut(text);
}

}  // namespace ppinfer
