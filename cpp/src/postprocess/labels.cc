#include "postprocess/labels.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>

#include "core/message_text.h"
#include "ppinfer/error.h"

namespace ppinfer {
namespace {

constexpr std::size_t kProblemsShown = 20;  // of one file: a wrong file has as many as it has lines

struct Line {
  int number = 0;  // from 1
  std::string_view text;
  std::optional<std::int64_t> id;  // when the text starts with an integer that stands alone
  std::string_view name;           // what follows the id
};

class Problems {
 public:
  explicit Problems(const std::string& path) : path_(path) {}

  void add(const Line& line, const std::string& what) { add_text(":" + std::to_string(line.number) + ": " + what); }
  void add_text(const std::string& what) {
    if (++count_ <= kProblemsShown) texts_.push_back(path_ + what);
  }
  void throw_if_any() {
    if (count_ == 0) return;
    if (count_ > kProblemsShown) {
      texts_.push_back(path_ + ": " + std::to_string(count_ - kProblemsShown) + " more problems like these");
    }
    throw ConfigError(texts_);
  }

 private:
  const std::string& path_;
  std::size_t count_ = 0;
  std::vector<std::string> texts_;
};

bool is_blank(char character) { return character == ' ' || character == '\t' || character == '\r'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

Line parse_line(int number, std::string_view raw, std::string_view delimiter) {
  Line line{number, trimmed(raw), std::nullopt, {}};
  const char* const end = line.text.data() + line.text.size();
  std::int64_t id = 0;
  const auto [rest, problem] = std::from_chars(line.text.data(), end, id);
  std::string_view name(rest, static_cast<std::size_t>(end - rest));
  if (rest == line.text.data()) return line;
  if (!delimiter.empty()) {
    if (name.substr(0, delimiter.size()) != delimiter) return line;
    name.remove_prefix(delimiter.size());
  } else if (!name.empty() && !is_blank(name.front())) {
    return line;
  }
  line.id = problem == std::errc() ? id : std::int64_t{-1};  // an integer too large is out of range in any case
  line.name = trimmed(name);
  return line;
}

std::string read_text(const std::string& path) {
  std::error_code status_error;
  const auto status = std::filesystem::status(path, status_error);
  if (!std::filesystem::exists(status)) throw ConfigError({path + ": no such label file"});
  if (std::filesystem::is_directory(status)) {
    throw ConfigError({path + ": is a folder, expected a label file: a text file with one class a line"});
  }
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file.is_open() || file.bad()) throw ConfigError({path + ": the label file cannot be read"});
  if (text.find('\0') != std::string::npos) {
    throw ConfigError(
        {path + ": is not a text file (it holds zero bytes), expected labels in UTF-8, one class a line"});
  }
  return text;
}

std::vector<Line> split_lines(std::string_view text, std::string_view delimiter) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark) text.remove_prefix(kByteOrderMark.size());
  std::vector<Line> lines;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t length = std::min(text.find('\n'), text.size());
    lines.push_back(parse_line(number, text.substr(0, length), delimiter));
    text.remove_prefix(std::min(length + 1, text.size()));
  }
  while (!lines.empty() && lines.back().text.empty()) lines.pop_back();
  return lines;
}

// Most lines decide, so that one line without an id is an error and doesn't make names of all the others. Lines that
// are nothing but integers are names: the classes of a digit reader.
bool lines_have_ids(const std::vector<Line>& lines) {
  std::size_t classes = 0;
  std::size_t with_id = 0;
  bool any_name = false;
  for (const Line& line : lines) {
    if (line.text.empty()) continue;
    ++classes;
    if (!line.id) continue;
    ++with_id;
    any_name = any_name || !line.name.empty();
  }
  return any_name && 2 * with_id > classes;
}

std::vector<std::string> by_id(const std::vector<Line>& lines, const std::string& delimiter, Problems& problems) {
  const auto is_class = [](const Line& line) { return !line.text.empty(); };
  const std::int64_t classes = std::count_if(lines.begin(), lines.end(), is_class);
  std::vector<std::string> labels(static_cast<std::size_t>(classes));
  std::vector<const Line*> line_of(labels.size());
  for (const Line& line : lines) {
    if (line.text.empty()) continue;
    if (!line.id) {
      problems.add(line, delimiter.empty() ? "no class id before the name, though most lines have one"
                                           : "expected a class id, " + ppinfer::quoted(delimiter) + " and a name");
      continue;
    }
    if (*line.id < 0 || *line.id >= classes) {
      problems.add(line, "class id " + std::string(line.text.substr(0, line.text.find_first_not_of("-0123456789"))) +
                             ", but the file has " + std::to_string(classes) + " classes, so their ids are 0 to " +
                             std::to_string(classes - 1) + " (names that start with a number need an id before it)");
      continue;
    }
    const auto id = static_cast<std::size_t>(*line.id);
    if (line_of[id] != nullptr) {
      problems.add(line, "class id " + std::to_string(id) + " stands on line " + std::to_string(line_of[id]->number) +
                             " already");
      continue;
    }
    line_of[id] = &line;
    if (line.name.empty()) problems.add(line, "class id " + std::to_string(id) + " has no name");
    labels[id] = line.name;
  }
  for (std::size_t id = 0; id < labels.size(); ++id) {
    if (line_of[id] == nullptr) problems.add_text(": no line for class id " + std::to_string(id));
  }
  return labels;
}

std::vector<std::string> by_line(const std::vector<Line>& lines, Problems& problems) {
  std::vector<std::string> labels;
  labels.reserve(lines.size());
  for (const Line& line : lines) {
    if (line.text.empty()) problems.add(line, "empty line: class " + std::to_string(line.number - 1) + " has no name");
    labels.emplace_back(line.text);
  }
  return labels;
}

}  // namespace

std::vector<std::string> read_labels(const std::string& path, const std::string& delimiter) {
  const std::string text = read_text(path);
  const std::vector<Line> lines = split_lines(text, delimiter);
  Problems problems(path);
  if (lines.empty()) problems.add_text(": holds no labels, expected one class a line");
  std::vector<std::string> labels =
      !delimiter.empty() || lines_have_ids(lines) ? by_id(lines, delimiter, problems) : by_line(lines, problems);
  problems.throw_if_any();
  return labels;
}

}  // namespace ppinfer
