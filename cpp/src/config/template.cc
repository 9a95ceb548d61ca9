#include <cstddef>
#include <string>
#include <string_view>

#include "config/field_table.h"
#include "ppinfer/config.h"

namespace ppinfer {
namespace {

constexpr std::size_t kLineWidth = 100;

constexpr const char* kIntroduction =
    "The config file of ppinfer. Each line is `key value`; only the model is required. Each key below has its default; "
    "remove the # to set the key, which also overrides the model's inference.yml.\n"
    "The value is the rest of the line, with or without quotes. A # at the start of a line or after a blank begins a "
    "comment. Paths are relative to this file's folder.\n"
    "Later layers override earlier ones: defaults, the model's own inference.yml, this file, -o key=value and keyword "
    "arguments.";

std::string as_comment(std::string_view text) {  // wrapped; a newline begins a new paragraph
  std::string comment;
  std::size_t width = 0;
  while (!text.empty()) {
    const auto end = text.find_first_of(" \n");
    const std::string_view word = text.substr(0, end);
    if (width > 0 && width + 1 + word.size() > kLineWidth) {
      comment += '\n';
      width = 0;
    }
    comment += width == 0 ? "# " : " ";
    comment += word;
    width += word.size() + (width == 0 ? 2 : 1);
    if (end == std::string_view::npos) break;
    if (text[end] == '\n') {
      comment += '\n';
      width = 0;
    }
    text.remove_prefix(end + 1);
  }
  return comment + "\n";
}

std::string documented(const FieldInfo& field) {
  const std::string value = field.default_value.empty() ? "\"\"" : field.default_value;
  return as_comment(field.help) +
         as_comment("Expected: " + field.expected + (field.unit.empty() ? "" : ", in ") + field.unit +
                    (field.legacy ? ". A key of PaddleClas." : ".")) +
         "#" + field.name + " " + value + "\n";
}

}  // namespace

std::string config_template() {
  std::string text = as_comment(kIntroduction);
  std::string group;
  for (const FieldInfo& field : config_fields()) {
    if (group != to_string(field.group)) {
      group = to_string(field.group);
      text += "\n# ==== " + group + " ====\n";
    }
    text += "\n" + documented(field);
  }
  return text;
}

}  // namespace ppinfer
