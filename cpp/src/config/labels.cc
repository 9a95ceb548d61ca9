#include "config/labels.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "config/label_ids.h"
#include "config/label_lines.h"
#include "config/label_structure.h"
#include "config/label_words.h"
#include "config/paths.h"
#include "core/text_encoding.h"
#include "ppinfer/error.h"

namespace ppinfer {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{16} << 20;  // 21,841 names are 1 MB
constexpr std::size_t kMaxClasses = 1'000'000;

constexpr const char* kForms =
    "label files have a class a line (`name`, `id name`, `id,name`, `id: name`, `name,id`, or CSV with a header), or "
    "are JSON, YAML or a Python dict: a list of names, {\"0\": \"name\"}, {\"name\": 0}, id2label; ids are 0 to n-1, "
    "once each";

// The text with each Unicode blank replaced by a plain blank, without invisible marks, and with line feeds instead of
// lone carriage returns.
std::string plain_text(std::string_view file) {
  constexpr std::array<std::string_view, 2> kBlanks = {"\xC2\xA0", "\xE3\x80\x80"};         // no-break, ideographic
  constexpr std::array<std::string_view, 2> kInvisible = {"\xEF\xBB\xBF", "\xE2\x80\x8B"};  // byte order, zero width
  const bool ends_by_returns = file.find('\n') == std::string_view::npos;
  std::string text;
  text.reserve(file.size());
  while (!file.empty()) {
    const auto is_next = [file](std::string_view mark) { return file.substr(0, mark.size()) == mark; };
    const auto blank = std::find_if(kBlanks.begin(), kBlanks.end(), is_next);
    const auto invisible = std::find_if(kInvisible.begin(), kInvisible.end(), is_next);
    if (blank != kBlanks.end()) {
      text += ' ';
      file.remove_prefix(blank->size());
    } else if (invisible != kInvisible.end()) {
      file.remove_prefix(invisible->size());
    } else {
      text += ends_by_returns && file.front() == '\r' ? '\n' : file.front();
      file.remove_prefix(1);
    }
  }
  return text;
}

std::vector<LabelLine> split_lines(std::string_view text, LabelProblems& problems) {
  std::vector<LabelLine> lines;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t length = std::min(text.find('\n'), text.size());
    lines.push_back({number, trimmed(text.substr(0, length))});
    text.remove_prefix(std::min(length + 1, text.size()));
    if (lines.size() > kMaxClasses) {
      problems.add(" has more than " + std::to_string(kMaxClasses) + " lines");
      problems.throw_if_any();
    }
  }
  while (!lines.empty() && lines.back().text.empty()) lines.pop_back();
  return lines;
}

}  // namespace

std::vector<std::string> read_labels(const std::string& path, const std::string& delimiter) {
  const std::string file = read_text_file(path, kMaxBytes);
  LabelProblems problems(path);
  const std::string encoding = encoding_problem(file);
  if (!encoding.empty()) problems.add(": " + encoding);
  problems.throw_if_any();
  const std::string text = plain_text(file);
  const std::vector<LabelLine> lines = split_lines(text, problems);
  if (lines.empty()) problems.add(": holds no labels, expected one class a line");
  problems.throw_if_any();
  std::optional<std::vector<std::string>> names;
  if (delimiter.empty()) names = names_of_structure(text, lines, problems);
  if (!names) names = names_of_lines(lines, delimiter, problems);
  problems.throw_if_any(delimiter.empty() ? kForms : "");
  strip_wordnet_ids(*names);
  strip_common_quotes(*names);
  return *names;
}

}  // namespace ppinfer
