#include "config/labels.h"

#include <algorithm>
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
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  const std::string file = read_text_file(path, kMaxBytes);
  std::string_view text = file;
  if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark) text.remove_prefix(kByteOrderMark.size());
  LabelProblems problems(path);
  const std::string encoding = encoding_problem(text);
  if (!encoding.empty()) problems.add(": " + encoding);
  problems.throw_if_any();
  const std::vector<LabelLine> lines = split_lines(text, problems);
  if (lines.empty()) problems.add(": holds no labels, expected one class a line");
  problems.throw_if_any();
  std::optional<std::vector<std::string>> names;
  if (delimiter.empty()) names = names_of_structure(text, lines, problems);
  if (!names) names = names_of_lines(lines, delimiter, problems);
  problems.throw_if_any(delimiter.empty() ? kForms : "");
  strip_wordnet_ids(*names);
  return *names;
}

}  // namespace ppinfer
