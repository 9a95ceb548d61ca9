#include "config/label_table.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

#include "config/label_words.h"
#include "core/message_text.h"

namespace ppinfer {
namespace {

// The fields of one line of CSV (RFC 4180); a blank as the delimiter stands for any number of blanks. With
// `blank_is_text` a delimiter before a blank is part of a name: "tench, Tinca tinca".
std::vector<std::string> fields_of(std::string_view line, char delimiter, bool blank_is_text = false) {
  std::vector<std::string> fields;
  bool in_quotes = false;
  std::size_t begin = 0;
  for (std::size_t index = 0; index <= line.size(); ++index) {
    if (index < line.size() && line[index] == '"') in_quotes = !in_quotes;
    if (index < line.size() && (in_quotes || line[index] != delimiter)) continue;
    if (blank_is_text && index + 1 < line.size() && line[index + 1] == ' ') continue;
    if (delimiter != ' ' || index > begin) fields.push_back(unquoted(trimmed(line.substr(begin, index - begin))));
    begin = index + 1;
  }
  return fields;
}

std::optional<std::int64_t> number_of(const std::string& field) {
  std::int64_t number = 0;
  const char* const end = field.data() + field.size();
  const auto [rest, problem] = std::from_chars(field.data(), end, number);
  if (problem != std::errc() || rest != end || field.empty()) return std::nullopt;
  return number;
}

bool is_header(const std::vector<std::string>& fields) {
  const auto is_id = [](const std::string& field) { return rank_as_id(field) >= 0; };
  const auto is_name = [](const std::string& field) { return rank_as_name(field) >= 0; };
  const auto is_either = [&](const std::string& field) { return is_id(field) || is_name(field); };
  if (fields.size() < 2 || std::none_of(fields.begin(), fields.end(), is_name)) return false;
  // "label,name": there "label" is the id.
  return std::any_of(fields.begin(), fields.end(), is_id) || std::all_of(fields.begin(), fields.end(), is_either);
}

// The column whose name has the best rank among those that `fits` takes; nothing: there is none.
template <class Rank, class Fits>
std::optional<std::size_t> best_column(const std::vector<std::string>& header, Rank rank, Fits fits) {
  std::optional<std::size_t> best;
  for (std::size_t column = 0; column < header.size(); ++column) {
    if (rank(header[column]) < 0 || !fits(column)) continue;
    if (!best || rank(header[column]) < rank(header[*best])) best = column;
  }
  return best;
}

}  // namespace

TableHeader header_in(std::string_view line) {
  for (const char delimiter : {',', ';', '\t', '|'}) {
    const std::vector<std::string> fields = fields_of(line, delimiter);
    if (is_header(fields)) return {fields.size(), delimiter};
  }
  const std::vector<std::string> words = fields_of(line, ' ');
  const bool plain = words.size() == 2 && ((rank_as_id(words[0]) >= 0 && rank_as_name(words[1]) >= 0) ||
                                           (rank_as_name(words[0]) >= 0 && rank_as_id(words[1]) >= 0));
  return plain ? TableHeader{2, ' '} : TableHeader{};
}

std::vector<std::string> names_of_table(const std::vector<LabelLine>& lines, const TableHeader& header,
                                        LabelProblems& problems) {
  const std::vector<std::string> names = fields_of(lines.front().text, header.delimiter);
  std::vector<std::vector<std::string>> rows;
  std::vector<int> numbers;
  for (std::size_t index = 1; index < lines.size(); ++index) {
    if (lines[index].text.empty()) continue;
    rows.push_back(fields_of(lines[index].text, header.delimiter));
    numbers.push_back(lines[index].number);
    if (rows.back().size() != names.size()) {
      problems.add(numbers.back(), "has " + counted(static_cast<std::int64_t>(rows.back().size()), "column") +
                                       ", but the header has " + std::to_string(names.size()));
      rows.back().resize(names.size());
    }
  }
  const auto of_columns = [&](std::size_t id, std::size_t name) {
    std::vector<NumberedName> classes;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      classes.push_back({numbers[row], number_of(rows[row][id]), rows[row][id], rows[row][name]});
    }
    return classes;
  };
  const auto holds_ids = [&](std::size_t column) {
    const auto is_number = [column](const auto& row) { return number_of(row[column]).has_value(); };
    return !rows.empty() && std::all_of(rows.begin(), rows.end(), is_number);
  };
  const auto id_or_name = [](std::string_view word) { return rank_as_id(word) >= 0 ? rank_as_id(word) : 100; };
  const auto id = best_column(names, id_or_name, holds_ids);
  const auto name =
      best_column(names, rank_as_name, [&](std::size_t column) { return column != id && !holds_ids(column); });
  if (!id || !name) {
    problems.add(" is a table with the header " + quoted(lines.front().text) + ": no column of " +
                 (id ? "names found (expected e.g. `class_name`)" : "class ids found (expected e.g. `class_id`)"));
    return {};
  }
  return names_by_id(of_columns(*id, *name), "expected a class id in column " + quoted(names[*id]), problems);
}

std::optional<std::vector<std::string>> names_of_columns(const std::vector<LabelLine>& lines, LabelProblems& problems) {
  for (const char delimiter : {'\t', ',', ';', '|'}) {
    std::vector<std::vector<std::string>> rows;
    for (const LabelLine& line : lines) {
      rows.push_back(fields_of(line.text, delimiter, true));
      if (rows.back().size() < 2 || rows.back().size() != rows.front().size()) break;
    }
    const std::size_t columns = rows.front().size();
    if (lines.size() < 2 || columns < 2 || rows.back().size() != columns || rows.size() != lines.size()) continue;
    const auto holds = [&rows](std::size_t column, auto is_one) {
      return std::all_of(rows.begin(), rows.end(), [&](const auto& row) { return is_one(row[column]); });
    };
    std::vector<std::size_t> of_text;
    std::size_t of_numbers = 0;
    for (std::size_t column = 0; column < columns; ++column) {
      const bool is_number = holds(column, [](const std::string& field) { return number_of(field).has_value(); });
      const bool is_wordnet =
          holds(column, [](const std::string& field) { return !behind_wordnet_id(field + " x").empty(); });
      const bool is_empty = holds(column, [](const std::string& field) { return field.empty(); });
      of_numbers += is_number ? 1 : 0;
      if (!is_number && !is_wordnet && !is_empty) of_text.push_back(column);
    }
    if (of_text.size() > 1) {
      problems.add(" has " + std::to_string(columns) + " columns on each line (separated by " +
                   (delimiter == '\t' ? "a tab" : quoted(std::string(1, delimiter))) + "), and " +
                   std::to_string(of_text.size()) +
                   " of them hold text: name the columns in a first line, such as class_id,class_name, or give " +
                   "the names alone");
      return std::vector<std::string>();
    }
    if (of_text.size() != 1 || of_numbers > 0) return std::nullopt;
    std::vector<std::string> names;
    for (const auto& row : rows) names.push_back(row[of_text.front()]);
    return names;
  }
  return std::nullopt;
}

}  // namespace ppinfer
