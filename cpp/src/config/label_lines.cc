#include "config/label_lines.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <optional>
#include <set>

#include "config/label_table.h"
#include "config/label_words.h"
#include "core/ascii.h"
#include "core/message_text.h"

namespace ppinfer {
namespace {

using Text = std::string_view;

constexpr Text kBlank = " ";

bool is_blank(char character) { return character == ' ' || character == '\t'; }
bool is_number(Text text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_digit); }
bool starts_with(Text text, Text start) { return text.substr(0, start.size()) == start; }
bool ends_with(Text text, Text end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

// Takes an integer off the start of `text`, quotes around it included.
std::optional<std::int64_t> take_id(Text& text, std::string& digits) {
  const bool in_quotes = starts_with(text, "\"") || starts_with(text, "'");
  const Text quote = text.substr(0, 1);
  const Text number = text.substr(in_quotes ? 1 : 0);
  std::int64_t id = 0;
  const auto [end, problem] = std::from_chars(number.data(), number.data() + number.size(), id);
  if (end == number.data()) return std::nullopt;
  const auto length = static_cast<std::size_t>(end - number.data());
  Text rest = number.substr(length);
  if (in_quotes && !starts_with(rest, quote)) return std::nullopt;
  digits = number.substr(0, length);
  text = rest.substr(in_quotes ? 1 : 0);
  return problem == std::errc() ? id : std::int64_t{-1};
}

// One line read as an id and a name, in one order of the two.
struct Split {
  NumberedName named;
  Text separator;                  // empty: the line has no id at this end; kBlank: only blanks
  std::optional<Text> plain_name;  // the name if blanks alone separate the two
};

// The last four are those of Chinese and Japanese text, which fill a whole cell.
constexpr std::array<Text, 11> kSigns = {
    "=>", "->", ":", ",", ";", "|", "=", "\xEF\xBC\x9A", "\xEF\xBC\x8C", "\xEF\xBC\x9B", "\xE3\x80\x81"};

Text separator_at_start(Text rest) {
  const Text behind_blanks = trimmed(rest);
  for (const Text sign : kSigns) {
    if (starts_with(behind_blanks, sign)) return sign;
  }
  const auto stands_alone = [](Text text) { return text.size() == 1 || is_blank(text[1]); };
  if ((rest.front() == '.' || rest.front() == ')') && stands_alone(rest)) return rest.substr(0, 1);
  constexpr std::array<Text, 3> kDashes = {"-", "\xE2\x80\x93", "\xE2\x80\x94"};  // hyphen, en dash, em dash
  for (const Text dash : kDashes) {
    if (!is_blank(rest.front()) || !starts_with(behind_blanks, dash)) continue;
    if (behind_blanks.size() == dash.size() || is_blank(behind_blanks[dash.size()])) return dash;
  }
  return is_blank(rest.front()) ? kBlank : Text();
}

Split with_id_first(const LabelLine& line) {
  Split split{{line.number, std::nullopt, "", ""}, {}, std::nullopt};
  Text rest = line.text;
  const std::optional<std::int64_t> id = take_id(rest, split.named.digits);
  if (!id) return split;
  const Text behind_blanks = trimmed(rest);
  split.separator = behind_blanks.empty() ? kBlank : separator_at_start(rest);
  if (split.separator.empty()) return split;
  split.named.id = id;
  if (behind_blanks.empty() || is_blank(rest.front())) split.plain_name = behind_blanks;
  const std::size_t skipped = split.separator == kBlank ? 0 : split.separator.size();
  split.named.name = unquoted(trimmed(behind_blanks.substr(skipped)));
  return split;
}

Split with_id_last(const LabelLine& line) {
  Split split{{line.number, std::nullopt, "", ""}, {}, std::nullopt};
  Text text = line.text;
  const bool in_quotes = ends_with(text, "\"");
  if (in_quotes) text.remove_suffix(1);
  const auto digits = static_cast<std::size_t>(std::find_if_not(text.rbegin(), text.rend(), is_digit) - text.rbegin());
  Text id_text = text.substr(text.size() - digits);
  Text before = text.substr(0, text.size() - digits);
  if (in_quotes && !ends_with(before, "\"")) return split;
  if (in_quotes) before.remove_suffix(1);
  if (id_text.empty() || before.empty()) return split;
  Text name = trimmed(before);
  if (is_blank(before.back())) {
    split.separator = before.substr(name.data() + name.size() - before.data()).find('\t') == Text::npos ? kBlank : "\t";
    split.plain_name = name;
  }
  for (const Text sign : kSigns) {
    if (!ends_with(name, sign)) continue;
    split.separator = sign;
    name = trimmed(name.substr(0, name.size() - sign.size()));
    break;
  }
  if (split.separator.empty() || name.empty()) return split;
  split.named.id = take_id(id_text, split.named.digits);
  split.named.name = unquoted(name);
  return split;
}

// All lines read with the ids at the same end, and with the separator that most of them have.
struct Reading {
  Text separator;
  std::vector<NumberedName> classes;
  std::size_t with_id = 0;
  bool any_name = false;

  bool most_have_ids() const { return any_name && 2 * with_id > classes.size(); }
  bool all_names_are_numbers() const {
    return std::all_of(classes.begin(), classes.end(), [](const NumberedName& one) { return is_number(one.name); });
  }
  std::size_t distinct_names() const {
    std::set<Text> names;
    for (const NumberedName& one : classes) names.insert(one.name);
    return names.size();
  }
};

Reading read_with(Split (*split_line)(const LabelLine&), const std::vector<LabelLine>& lines) {
  std::vector<Split> splits;
  std::vector<std::pair<Text, std::size_t>> counts;
  for (const LabelLine& line : lines) {
    if (line.text.empty()) continue;
    splits.push_back(split_line(line));
    const Text separator = splits.back().separator;
    if (separator.empty()) continue;
    const auto known =
        std::find_if(counts.begin(), counts.end(), [&](const auto& one) { return one.first == separator; });
    if (known == counts.end()) {
      counts.emplace_back(separator, 1);
    } else {
      ++known->second;
    }
  }
  Reading reading;
  const auto more = [](const auto& a, const auto& b) { return a.second < b.second; };
  if (!counts.empty()) reading.separator = std::max_element(counts.begin(), counts.end(), more)->first;
  for (Split& split : splits) {
    const bool plain = reading.separator == kBlank && split.plain_name.has_value();
    if (plain && split.separator != kBlank) split.named.name = unquoted(*split.plain_name);
    if (!plain && split.separator != reading.separator) split.named.id.reset();
    reading.with_id += split.named.id ? 1 : 0;
    reading.any_name = reading.any_name || (split.named.id && !split.named.name.empty());
    reading.classes.push_back(std::move(split.named));
  }
  return reading;
}

std::string in_words(Text separator) {
  if (separator == kBlank) return "a blank";
  return separator == "\t" ? "a tab" : quoted(separator);
}

// The names by one of the two readings; nothing: the lines have no ids.
std::optional<std::vector<std::string>> by_ids(const std::vector<LabelLine>& lines, LabelProblems& problems) {
  const Reading first = read_with(with_id_first, lines);
  const Reading last = read_with(with_id_last, lines);
  const auto by = [&problems](const Reading& reading, const std::string& no_id = "") {
    return names_by_id(reading.classes, no_id, problems);
  };
  const std::size_t count = first.classes.size();
  const bool last_fits = ids_fit(last.classes);
  if (ids_fit(first.classes)) {
    if (last_fits && first.all_names_are_numbers() && by(first) != by(last)) {
      problems.add(": both columns are numbers that can be class ids: set label_delimiter to " +
                   in_words(first.separator) + " if the ids come first, or give a file of names in the order of ids");
    }
    return by(first);
  }
  if (first.most_have_ids()) {
    const bool ratios = first.separator == ":" && first.all_names_are_numbers() && !ids_fit(first.classes, 1);
    if (!last_fits && !ratios) {
      return by(first, first.separator == kBlank
                           ? "no class id before the name, though most lines have one"
                           : "expected a class id, " + in_words(first.separator) + " and a name, as on most lines");
    }
    if (!last_fits) return std::nullopt;
  }
  if (last.separator != kBlank) {
    const auto is_clear = [](const NumberedName& one) {
      return one.id && !one.name.empty() && !is_digit(one.name.back());
    };
    const auto clear = std::count_if(last.classes.begin(), last.classes.end(), is_clear);
    if (last_fits || 2 * static_cast<std::size_t>(clear) > count) {
      return by(last, "expected a name, " + in_words(last.separator) + " and a class id, as on most lines");
    }
    return std::nullopt;
  }
  // A blank and a number may as well be the end of a name: "label 0", "boeing 747".
  const std::size_t distinct = last.distinct_names();
  const bool from_one = ids_fit(last.classes, 1);
  if (count < 2 || distinct < 2 || (!last_fits && !from_one)) return std::nullopt;
  if (last_fits && 2 * distinct > count) return by(last);
  if (last_fits || 2 * distinct > count) {
    problems.add(std::string(": each line ends with a number (") + (last_fits ? "0 to " : "1 to ") +
                 std::to_string(last_fits ? count - 1 : count) +
                 "), which may be a class id or part of the name. Write ids first, from 0 on: `0 name`");
    return std::vector<std::string>();
  }
  return std::nullopt;
}

std::vector<std::string> by_delimiter(const std::vector<LabelLine>& lines, const std::string& delimiter,
                                      LabelProblems& problems) {
  std::vector<NumberedName> classes;
  for (const LabelLine& line : lines) {
    if (line.text.empty()) continue;
    NumberedName named{line.number, std::nullopt, "", ""};
    Text rest = line.text;
    const std::optional<std::int64_t> id = take_id(rest, named.digits);
    if (id && starts_with(rest, delimiter)) {
      named.id = id;
      named.name = unquoted(trimmed(rest.substr(delimiter.size())));
    }
    classes.push_back(std::move(named));
  }
  return names_by_id(classes, "expected a class id, " + quoted(delimiter) + " and a name", problems);
}

std::vector<std::string> by_line(const std::vector<LabelLine>& lines, LabelProblems& problems) {
  std::vector<std::string> names;
  names.reserve(lines.size());
  for (const LabelLine& line : lines) {
    const std::string class_name = "class " + std::to_string(line.number - 1);
    if (line.text.empty()) problems.add(line.number, "empty line: " + class_name + " has no name");
    if (!line.text.empty() && line.text.find_first_not_of("{}[](),;'\" ") == Text::npos) {
      problems.add(line.number, "got " + quoted(line.text) + ", expected the name of " + class_name);
    } else if (ends_with(line.text, ",") || ends_with(line.text, "\t")) {
      problems.add(line.number, quoted(line.text) + " ends with a separator, unlike other lines");
    }
    names.push_back(unquoted(line.text));
  }
  return names;
}

// The separator that ends each line but the last, as in a list of some programming language.
void strip_list_ends(std::vector<LabelLine>& lines) {
  for (const Text end : {",", ";", "|"}) {
    const auto ends_so = [end](const LabelLine& line) { return ends_with(line.text, end); };
    if (lines.size() < 2 || !std::all_of(lines.begin(), lines.end() - 1, ends_so)) continue;
    for (LabelLine& line : lines) {
      if (ends_so(line)) line.text = trimmed(line.text.substr(0, line.text.size() - 1));
    }
    if (ends_with(lines.back().text, ";")) lines.back().text.remove_suffix(1);
  }
}

// What stands around each line: "* cat", or "(0, 'cat')" as in SQL.
void strip_line_marks(std::vector<LabelLine>& lines) {
  for (const Text bullet : {"* ", "+ ", "\xE2\x80\xA2 "}) {
    const auto begins_so = [bullet](const LabelLine& line) { return starts_with(line.text, bullet); };
    if (!std::all_of(lines.begin(), lines.end(), begins_so)) continue;
    for (LabelLine& line : lines) line.text = trimmed(line.text.substr(bullet.size()));
  }
  const auto is_tuple = [](const LabelLine& line) {
    return starts_with(line.text, "(") && ends_with(line.text, ")") && line.text.find(',') != Text::npos;
  };
  if (!std::all_of(lines.begin(), lines.end(), is_tuple)) return;
  for (LabelLine& line : lines) line.text = trimmed(line.text.substr(1, line.text.size() - 2));
}

// An id that is a part of the name's text: "(0) cat", "[0] cat", "#0 cat", "0.cat", "0-cat", "0_cat", "class 0: cat",
// "cat (0)".
std::optional<NumberedName> with_inner_id(const LabelLine& line) {
  NumberedName named{line.number, std::nullopt, "", ""};
  const auto at_start = [&](Text open, Text close) {
    Text rest = line.text;
    if (!starts_with(rest, open)) return false;
    rest.remove_prefix(open.size());
    if (rest.empty() || !is_digit(rest.front())) return false;
    named.id = take_id(rest, named.digits);
    if (!named.id || !starts_with(rest, close)) return false;
    rest = trimmed(rest.substr(close.size()));
    const auto sign = std::find_if(kSigns.begin(), kSigns.end(), [rest](Text one) { return starts_with(rest, one); });
    if (!open.empty() && sign != kSigns.end()) rest = trimmed(rest.substr(sign->size()));
    named.name = unquoted(rest);
    return !named.name.empty() && (!open.empty() || !is_digit(named.name.front()));
  };
  constexpr std::array<std::array<Text, 2>, 9> kForms = {{{"(", ")"},
                                                          {"[", "]"},
                                                          {"#", " "},
                                                          {"#", ":"},
                                                          {"class ", ":"},
                                                          {"class_", ":"},
                                                          {"", "."},
                                                          {"", "-"},
                                                          {"", "_"}}};
  for (const auto& [open, close] : kForms) {
    if (at_start(open, close)) return named;
  }
  for (const auto& [open, close] : {std::array<Text, 2>{"(", ")"}, std::array<Text, 2>{"[", "]"}}) {
    const std::size_t start = line.text.rfind(open);
    if (!ends_with(line.text, close) || start == Text::npos || start == 0) continue;
    Text inner = line.text.substr(start + 1);
    named.id = take_id(inner, named.digits);
    named.name = trimmed(line.text.substr(0, start));
    if (named.id && inner == close && !named.name.empty()) return named;
  }
  return std::nullopt;
}

// The names where each line has such an id, 0 to n-1 once each. In any other order than the lines' it may as well be a
// part of the name: folders called 0_cat, 10_owl, 1_dog are classes 0, 1, 2.
std::optional<std::vector<std::string>> by_inner_ids(const std::vector<LabelLine>& lines, LabelProblems& problems) {
  std::vector<NumberedName> classes;
  for (const LabelLine& line : lines) {
    std::optional<NumberedName> named = with_inner_id(line);
    if (!named) return std::nullopt;
    classes.push_back(std::move(*named));
  }
  if (classes.size() < 2 || !ids_fit(classes)) return std::nullopt;
  std::vector<std::string> names;
  for (std::size_t place = 0; place < classes.size(); ++place) {
    if (classes[place].id != static_cast<std::int64_t>(place)) {
      problems.add(lines[place].number, quoted(lines[place].text) + " is class " + classes[place].digits +
                                            " by its number, but class " + std::to_string(place) +
                                            " by its line. Write ids first: `0 name`");
      return std::vector<std::string>();
    }
    const bool is_folder_name = lines[place].text.substr(classes[place].digits.size(), 1) == "_";
    names.push_back(is_folder_name ? std::string(lines[place].text) : classes[place].name);
  }
  return names;
}

// All classes on one line, or code of some language.
bool is_list_on_one_line(const std::vector<LabelLine>& lines) {
  if (lines.size() != 1) return false;
  const Text line = lines.front().text;
  const auto separators = std::count_if(line.begin(), line.end(), [](char c) { return Text(",;|\t").find(c) < 4; });
  return separators > 1 || (separators > 0 && Text("}])").find(line.back()) != Text::npos);
}

void strip_wordnet_ids(std::vector<LabelLine>& lines) {
  const auto has_one = [](const LabelLine& line) { return line.text.empty() || !behind_wordnet_id(line.text).empty(); };
  const auto has_number = [](const LabelLine& line) { return is_number(behind_wordnet_id(line.text)); };
  if (!std::all_of(lines.begin(), lines.end(), has_one)) return;
  if (std::all_of(lines.begin(), lines.end(), has_number)) return;  // its id, and the WordNet id is its name
  for (LabelLine& line : lines) {
    if (!line.text.empty()) line.text = behind_wordnet_id(line.text);
  }
}

// Of the words of a header those that a class's name may begin with as well: "no label".
bool begins_with_plain_word(Text line) {
  constexpr std::array<Text, 4> kPlainWords = {"no ", "number ", "target ", "index "};
  return std::any_of(kPlainWords.begin(), kPlainWords.end(), [line](Text word) { return starts_with(line, word); });
}

}  // namespace

std::vector<std::string> names_of_lines(std::vector<LabelLine> lines, const std::string& delimiter,
                                        LabelProblems& problems) {
  if (!delimiter.empty()) return by_delimiter(lines, delimiter, problems);
  if (is_list_on_one_line(lines)) {
    problems.add(lines.front().number, "holds several names, or code, in one line: expected one class a line");
    return {};
  }
  strip_list_ends(lines);
  strip_line_marks(lines);
  const TableHeader header = header_in(lines.front().text);
  if (header.columns > 2) return names_of_table(lines, header, problems);
  const std::string first_line(lines.front().text);
  const std::vector<LabelLine> all = lines;
  if (header.columns == 2) lines.erase(lines.begin());
  strip_wordnet_ids(lines);
  std::optional<std::vector<std::string>> names;
  if (header.columns == 0) names = names_of_columns(lines, problems);
  if (!names) names = by_ids(lines, problems);
  if (!names && header.columns == 0) names = by_inner_ids(lines, problems);
  if (names) return *names;
  if (header.columns < 2) return by_line(lines, problems);
  if (header.delimiter == ' ' && begins_with_plain_word(first_line)) return by_line(all, problems);
  problems.add(" begins with a header, " + quoted(first_line) +
               ": expected a class id and a name on each further line");
  return {};
}

}  // namespace ppinfer
