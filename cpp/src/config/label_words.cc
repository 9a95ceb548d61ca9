#include "config/label_words.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "core/ascii.h"

namespace ppinfer {
namespace {

// pandas leaves the name of an index column empty.
constexpr std::array<std::string_view, 16> kIdWords = {
    "class_id",  "id",      "index",       "idx",    "label_id", "class_index", "class_idx", "label_index",
    "label_idx", "classid", "category_id", "target", "number",   "no",          "",          "ids"};
constexpr std::array<std::string_view, 17> kNameWords = {
    "class_name", "name",   "label_name", "display_name", "category_name", "classname", "label", "class", "category",
    "names",      "labels", "classes",    "description",  "title",         "text",      "words", "synset"};

template <class Words>
int rank_in(const Words& words, std::string_view word) {
  std::string plain(trimmed(word));
  for (char& c : plain) {
    c = to_lower(c);
    if (c == ' ' || c == '-') c = '_';
  }
  const auto found = std::find(words.begin(), words.end(), plain);
  return found == words.end() ? -1 : static_cast<int>(found - words.begin());
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) + 1 - first);
}

std::string unquoted(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::string(text);
  std::string plain;
  const std::string_view inner = text.substr(1, text.size() - 2);
  for (std::size_t index = 0; index < inner.size(); ++index) {
    if (inner[index] == '"') {
      ++index;  // the second of two, which stand for one
      if (index == inner.size() || inner[index] != '"') return std::string(text);
    }
    plain += inner[index];
  }
  return std::string(trimmed(plain));
}

std::string_view behind_wordnet_id(std::string_view text) {
  constexpr std::size_t kIdBytes = 9;  // n01440764
  if (text.size() <= kIdBytes || text.front() != 'n') return {};
  if (!std::all_of(text.begin() + 1, text.begin() + kIdBytes, is_digit)) return {};
  constexpr std::string_view kSeparators = " \t,;:|";
  if (kSeparators.find(text[kIdBytes]) == std::string_view::npos) return {};
  return trimmed(text.substr(kIdBytes + 1));
}

void strip_wordnet_ids(std::vector<std::string>& names) {
  const auto has_one = [](const std::string& name) { return !behind_wordnet_id(name).empty(); };
  if (!std::all_of(names.begin(), names.end(), has_one)) return;
  for (std::string& name : names) name = unquoted(behind_wordnet_id(name));
}

void strip_common_quotes(std::vector<std::string>& names) {
  struct Marks {
    std::string_view open, close;
  };
  constexpr std::array<Marks, 5> kMarks = {{{"'", "'"},
                                            {"`", "`"},
                                            {"\xE2\x80\x98", "\xE2\x80\x99"},
                                            {"\xE2\x80\x9C", "\xE2\x80\x9D"},
                                            {"\xC2\xAB", "\xC2\xBB"}}};
  for (const auto& [open, close] : kMarks) {
    const auto stands_in_them = [open_mark = open, close_mark = close](const std::string& name) {
      const std::size_t marks_bytes = open_mark.size() + close_mark.size();
      return name.size() > marks_bytes && name.compare(0, open_mark.size(), open_mark) == 0 &&
             name.compare(name.size() - close_mark.size(), close_mark.size(), close_mark) == 0;
    };
    if (!std::all_of(names.begin(), names.end(), stands_in_them)) continue;
    for (std::string& name : names) {
      name = trimmed(std::string_view(name).substr(open.size(), name.size() - open.size() - close.size()));
    }
    return;
  }
}

int rank_as_id(std::string_view word) { return rank_in(kIdWords, word); }
int rank_as_name(std::string_view word) { return rank_in(kNameWords, word); }

}  // namespace ppinfer
