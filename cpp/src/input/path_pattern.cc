#include "input/path_pattern.h"

#include <fnmatch.h>

#include <cstddef>
#include <utility>

#include "core/message_text.h"
#include "core/utf8_locale.h"
#include "ppinfer/error.h"

namespace ppinfer {
namespace {

constexpr std::size_t kMaxPatternParts = 60;  // a place in the pattern is a bit
constexpr const char* kAnyFolders = "**";

[[noreturn]] void refuse(const std::string& text, const std::string& why) {
  throw ConfigError({"the pattern " + quoted(text) + " " + why});
}

bool has_open_bracket(const std::string& part) {
  for (std::size_t at = part.find('['); at != std::string::npos; at = part.find('[', at)) {
    std::size_t first = at + 1;  // of the set: a ] here is a member, not the end
    if (first < part.size() && (part[first] == '!' || part[first] == '^')) ++first;
    const std::size_t end = part.find(']', first + 1);
    if (end == std::string::npos) return true;
    at = end;
  }
  return false;
}

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> parts;
  for (std::size_t start = 0;;) {
    const std::size_t slash = path.find('/', start);
    parts.emplace_back(path.substr(start, slash - start));
    if (slash == std::string_view::npos) return parts;
    start = slash + 1;
  }
}

}  // namespace

PathPattern PathPattern::of_paths(const std::string& text, Dots dots) { return {text, dots}; }

PathPattern PathPattern::of_names_or_paths(const std::string& text) {
  PathPattern pattern(text, Dots::kAny);
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos || slash + 1 == text.size())
    pattern.parts_.insert(pattern.parts_.begin(), kAnyFolders);
  return pattern;
}

PathPattern::PathPattern(const std::string& text, Dots dots) : dots_(dots) {
  if (text.empty()) refuse(text, "is empty: expected a name or a path, such as *.jpg or thumbnails/");
  if (text.find('\0') != std::string::npos) refuse(text, "holds a NUL byte, which no name does");
  if (text.front() == '/') {
    refuse(text, "begins with a slash: expected a path beneath the given folder, such as 2024/**/*.jpg");
  }
  for (std::string& part : split(text)) {
    if (part == "..") refuse(text, "leads out of the given folder: expected a path beneath it");
    if (has_open_bracket(part)) refuse(text, "has a [ without its ]: a bracket itself is written [[]");
    if (part.empty() || part == ".") continue;
    if (part == kAnyFolders && !parts_.empty() && parts_.back() == kAnyFolders) continue;
    parts_.push_back(std::move(part));
  }
  if (parts_.empty()) refuse(text, "is empty: expected a name or a path, such as *.jpg or thumbnails/");
  if (parts_.back() == kAnyFolders) parts_.emplace_back("*");  // what is in a folder, not the folder
  if (parts_.size() > kMaxPatternParts) refuse(text, "has more than " + std::to_string(kMaxPatternParts) + " parts");
  folders_only_ = text.back() == '/';
}

// A set of places is where in the pattern one may stand after some of the path's parts; the last one is its end.
PathPattern::Match PathPattern::match(std::string_view path, bool is_folder) const {
  const Utf8Locale utf8;  // fnmatch asks what a character is
  const std::uint64_t end = std::uint64_t{1} << parts_.size();
  std::uint64_t places = with_empty_steps(1);
  bool in_matching_folder = false;
  for (const std::string& name : split(path)) {
    in_matching_folder = in_matching_folder || (places & end) != 0;
    places = step(places, name);
  }
  const bool at_end = (places & end) != 0;
  return {folders_only_ ? in_matching_folder || (at_end && is_folder) : at_end, (places & ~end) != 0};
}

std::uint64_t PathPattern::with_empty_steps(std::uint64_t places) const {
  for (std::size_t place = 0; place < parts_.size(); ++place) {
    const std::uint64_t bit = std::uint64_t{1} << place;
    if ((places & bit) != 0 && parts_[place] == kAnyFolders) places |= bit << 1;
  }
  return places;
}

std::uint64_t PathPattern::step(std::uint64_t places, const std::string& name) const {
  const int flags = FNM_NOESCAPE | (dots_ == Dots::kExplicit ? FNM_PERIOD : 0);
  std::uint64_t reached = 0;
  for (std::size_t place = 0; place < parts_.size(); ++place) {
    const std::uint64_t bit = std::uint64_t{1} << place;
    if ((places & bit) == 0) continue;
    if (parts_[place] == kAnyFolders) {
      if (dots_ == Dots::kAny || name.empty() || name.front() != '.') reached |= bit;
    } else if (fnmatch(parts_[place].c_str(), name.c_str(), flags) == 0) {
      reached |= bit << 1;
    }
  }
  return with_empty_steps(reached);
}

}  // namespace ppinfer
