#include "input/list_line.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "core/ascii.h"
#include "core/file_names.h"
#include "core/message_text.h"
#include "input/system_reason.h"
#include "ppinfer/image.h"

namespace ppinfer {
namespace {

constexpr std::string_view kSpaces = " \t";
constexpr std::array<char, 4> kSeparators{'\t', ';', ',', '|'};
constexpr std::size_t kMaxParts = 64;  // of a line that are looked for: each costs a question to the system

using Parts = std::vector<std::string>;

bool is_quote(char letter) { return letter == '"' || letter == '\''; }

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kSpaces);
  if (first == std::string_view::npos) return "";
  return text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
}

// Without the spaces and the quotes around it; a quote within is doubled, as in CSV.
std::string plain(std::string_view text) {
  text = trimmed(text);
  if (text.size() < 2 || !is_quote(text.front()) || text.back() != text.front()) return std::string(text);
  std::string inner;
  for (std::size_t place = 1; place + 1 < text.size(); ++place) {
    inner += text[place];
    if (text[place] == text.front() && text[place + 1] == text.front()) ++place;
  }
  return inner;
}

// Where a separator in quotes is none.
Parts columns_of(std::string_view line, char separator) {
  Parts columns;
  std::size_t start = 0;
  char quote = '\0';
  for (std::size_t place = 0; place <= line.size() && columns.size() < kMaxParts; ++place) {
    if (place == line.size() || (line[place] == separator && quote == '\0')) {
      columns.push_back(plain(line.substr(start, place - start)));
      start = place + 1;
    } else if (quote != '\0') {
      if (line[place] == quote) quote = '\0';
    } else if (is_quote(line[place]) && trimmed(line.substr(start, place - start)).empty()) {
      quote = line[place];
    }
  }
  return columns;
}

// As a class or its name are: nothing that a path could end or begin with.
bool may_be_label(std::string_view text) {
  return text.find('/') == std::string_view::npos && !has_image_ending(plain(text)) && !has_archive_ending(plain(text));
}

// Parts of the line that may be its path, the longest first.
Parts parts_of(const std::string& line) {
  Parts parts;
  constexpr std::string_view kApart = " \t;,|";
  std::size_t end = line.size();
  while (parts.size() < kMaxParts && (end = line.find_last_of(kApart, end)) != std::string::npos && end > 0) {
    if (may_be_label(line.substr(end + 1))) {
      parts.push_back(plain(line.substr(0, end)));
      if (line[end - 1] == ':') parts.push_back(plain(line.substr(0, end - 1)));  // "a.jpg: 3"
    }
    --end;
  }
  if (const std::size_t start = line.find_first_of(kApart); start != std::string::npos) {
    if (may_be_label(line.substr(0, start))) parts.push_back(plain(line.substr(start + 1)));
  }
  for (const char separator : kSeparators) {
    Parts columns = columns_of(line, separator);
    if (columns.size() > 1) parts.insert(parts.end(), columns.begin(), columns.end());
  }
  parts.erase(std::remove(parts.begin(), parts.end(), ""), parts.end());
  return parts;
}

bool is_file(const std::string& path) {
  struct stat status;
  return stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

bool exists(const std::string& path) {
  struct stat status;
  return stat(path.c_str(), &status) == 0;
}

std::string in_folder(const std::string& folder, const std::string& path) {
  return folder.back() == '/' ? folder + path : folder + '/' + path;
}

// "image", "file_name", "img path": what the columns of paths are called.
bool names_paths(std::string column) {
  constexpr std::array<std::string_view, 6> kNouns{"image", "img", "file", "photo", "path", "name"};
  std::transform(column.begin(), column.end(), column.begin(), to_lower);
  for (bool shorter = !column.empty(); shorter && !column.empty();) {
    shorter = false;
    for (const std::string_view noun : kNouns) {
      if (column.rfind(noun, 0) != 0) continue;
      column.erase(0, noun.size());
      column.erase(0, column.find_first_not_of("_ -"));
      shorter = true;
      break;
    }
  }
  return column.empty() || column == "id";
}

bool is_header(const std::string& line) {
  for (const char separator : kSeparators) {
    const Parts columns = columns_of(line, separator);
    const bool has_files =
        std::any_of(columns.begin(), columns.end(), [](const std::string& column) { return !may_be_label(column); });
    const bool has_name = std::any_of(columns.begin(), columns.end(),
                                      [](const std::string& column) { return !column.empty() && names_paths(column); });
    if (has_name && !has_files) return true;
  }
  return false;
}

std::optional<ListLine> find_in(const std::string& folder, const std::string& whole, const Parts& parts) {
  const auto placed = [&folder](const std::string& path) { return folder.empty() ? path : in_folder(folder, path); };
  const bool is_given = folder.empty();  // and so isn't there as it stands
  if (!is_given && exists(placed(whole))) return ListLine{ListLine::Kind::kPath, placed(whole), true, false};
  if (const std::string bare = plain(whole); bare != whole && is_file(placed(bare))) {
    return ListLine{ListLine::Kind::kPath, placed(bare), !is_given, false};
  }
  for (const std::string& part : parts) {
    if (is_file(placed(part))) return ListLine{ListLine::Kind::kPath, placed(part), !is_given, true};
  }
  return std::nullopt;
}

}  // namespace

ListLine read_list_line(const std::string& line, bool is_first, const std::string& list_folder) {
  ListLine unknown;
  if (line.find('\0') != std::string::npos || is_url(line)) return unknown;
  if (line.find('\r') != std::string::npos && !exists(line)) {  // several lines: none may be lost as another's label
    unknown.text = "no such file; the line holds carriage returns: end each line of the list with a line feed";
    return unknown;
  }
  const Parts parts = parts_of(line);
  if (auto found = find_in("", line, parts)) return *found;
  const bool has_folder = !list_folder.empty() && line.front() != '/';
  if (has_folder) {
    if (auto found = find_in(list_folder, line, parts)) return *found;
  }
  if (is_first && is_header(line)) return {ListLine::Kind::kHeader, line, false, false};
  if (line.front() == '{' || line.front() == '[') {
    unknown.text = "no such file; a list has one path a line, and this line looks like JSON";
    return unknown;
  }
  const auto path = std::find_if(parts.begin(), parts.end(), [](const auto& part) { return has_image_ending(part); });
  if (path != parts.end()) {
    unknown.text = "no such file; " + quoted(*path) + " (the line without its label) does not exist either" +
                   (has_folder ? ", in the current folder or in the list's folder" : "");
  }
  return unknown;
}

}  // namespace ppinfer
