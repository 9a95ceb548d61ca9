#include "config/parse.h"

#include <string_view>

#include "config/paths.h"
#include "core/message_text.h"

namespace ppinfer {
namespace {

constexpr std::string_view kBlanks = " \t\r\v\f";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string_view skip_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(kBlanks);
  return first == std::string_view::npos ? std::string_view() : text.substr(first);
}

std::string_view trim_end(std::string_view text) { return text.substr(0, text.find_last_not_of(kBlanks) + 1); }

// A '#' counts at the start and after a blank.
std::string_view without_comment(std::string_view text) {
  for (auto hash = text.find('#'); hash != std::string_view::npos; hash = text.find('#', hash + 1)) {
    if (hash == 0 || kBlanks.find(text[hash - 1]) != std::string_view::npos) return text.substr(0, hash);
  }
  return text;
}

struct LineParts {
  std::string_view key;  // empty: only blanks and comment
  std::string_view value;
  std::string problem;  // of the value; empty: none
};

// The value from its opening quote to the closing quote; only a comment may follow.
void parse_quoted(std::string_view text, LineParts& parts) {
  const auto closing = text.find(text.front(), 1);
  if (closing == std::string_view::npos) {
    parts.problem = "got " + quoted(text) + " with no closing quote";
    return;
  }
  parts.value = text.substr(1, closing - 1);
  const std::string_view rest = text.substr(closing + 1);
  if (!skip_blanks(without_comment(rest)).empty()) {
    parts.problem = "got " + quoted(trim_end(rest)) + " behind the closing quote";
  }
}

LineParts split_line(std::string_view line) {
  LineParts parts;
  line = trim_end(skip_blanks(line));
  if (line.empty() || line.front() == '#') return parts;
  const auto key_end = line.find_first_of(kBlanks);
  parts.key = line.substr(0, key_end);
  line = key_end == std::string_view::npos ? std::string_view() : skip_blanks(line.substr(key_end));
  if (!line.empty() && (line.front() == '"' || line.front() == '\'')) {
    parse_quoted(line, parts);
  } else {
    parts.value = trim_end(without_comment(line));
    if (parts.value.empty()) parts.problem = "has no value";
  }
  return parts;
}

struct Mishap {                        // "topk=5", "topk: 5", "topk = 5": mistakes of habit
  const ConfigField* field = nullptr;  // null: none of these
  std::string_view value;
};

Mishap find_mishap(const LineParts& line) {
  constexpr std::string_view kSeparators = "=:";
  const auto separator = line.key.find_first_of(kSeparators);
  if (separator != std::string_view::npos) {
    const std::string_view behind = line.key.substr(separator + 1);
    return {find_field(line.key.substr(0, separator)), behind.empty() ? line.value : behind};
  }
  const ConfigField* field = find_field(line.key);
  const bool begins_so = !line.value.empty() && kSeparators.find(line.value.front()) != std::string_view::npos;
  if (field == nullptr || !begins_so || field->plain_text) return {};  // a label_delimiter may well be "="
  return {field, skip_blanks(line.value.substr(1))};
}

void set_from_line(const LineParts& line, const ValueOrigin& origin, ConfigLayer& layer,
                   std::vector<std::string>& problems) {
  const std::string subject = shown_word(line.key);
  const std::string where = origin.place + ": " + subject + ": ";
  const ConfigField* field = find_field(line.key);
  if (const Mishap mishap = find_mishap(line); mishap.field != nullptr) {
    const std::string right = mishap.field->name + " " + (mishap.value.empty() ? "VALUE" : std::string(mishap.value));
    problems.push_back(where + "key and value are separated by a blank only: " + quoted(right));
    layer.mark_faulty(mishap.field->name);
  } else if (field != nullptr && !line.problem.empty()) {
    problems.push_back(where + line.problem + ", expected " + field->expected);
    layer.mark_faulty(field->name);
  } else {
    layer.set(line.key, std::string(line.value), origin, subject, problems);
  }
}

}  // namespace

ConfigLayer parse_config_text(const std::string& text, const std::string& path, std::vector<std::string>& problems) {
  ConfigLayer layer(parent_folder(path));
  std::string_view rest = text;
  if (rest.substr(0, kByteOrderMark.size()) == kByteOrderMark) rest.remove_prefix(kByteOrderMark.size());
  for (int number = 1; !rest.empty(); ++number) {
    const auto newline = rest.find('\n');
    const LineParts line = split_line(rest.substr(0, newline));
    rest.remove_prefix(newline == std::string_view::npos ? rest.size() : newline + 1);
    if (line.key.empty()) continue;
    const std::string suffix = ":" + std::to_string(number);
    set_from_line(line, {LayerRank::kFile, file_name(path) + suffix, path + suffix, false, number}, layer, problems);
  }
  return layer;
}

ConfigLayer parse_overrides(const std::vector<Override>& overrides, std::vector<std::string>& problems) {
  ConfigLayer layer;
  for (const auto& [key, value, given_by] : overrides) {
    const std::string named = given_by == "-m" ? "" : shown_word(key) + "=";
    const std::string place = given_by + " " + named + shown_word(value);
    layer.set(key, value, {LayerRank::kOverrides, given_by, place, true}, "", problems);
  }
  return layer;
}

}  // namespace ppinfer
