#include "config/label_structure.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <exception>
#include <sstream>
#include <utility>

#include "config/label_words.h"
#include "core/message_text.h"
#include "ppinfer/terminal.h"

namespace ppinfer {
namespace {

using Text = std::string_view;

// Entries under which label files hold the classes.
constexpr std::array<Text, 14> kKnownEntries = {
    "id2label",   "label2id",    "class_to_idx", "idx_to_class", "names",      "classes",    "labels",
    "label_list", "class_names", "label_names",  "label_map",    "categories", "id_to_name", "vocab"};

constexpr std::size_t kMaxValues = 1'000'000;  // half a million classes with an id and a name each: 0.6 GB
constexpr std::size_t kMaxDepth = 8;

struct Value {
  enum class Kind { kText, kNull, kList, kMap } kind = Kind::kNull;
  int line = 0;
  std::string text;
  bool in_quotes = false;
  std::vector<Value> items;  // of a map: key, value, key, value, ...

  std::size_t size() const { return kind == Kind::kMap ? items.size() / 2 : items.size(); }
  const Value& key(std::size_t index) const { return items[2 * index]; }
  const Value& value(std::size_t index) const { return items[2 * index + 1]; }
  const Value* find(Text name) const {
    for (std::size_t index = 0; kind == Kind::kMap && index < size(); ++index) {
      if (key(index).text == name) return &value(index);
    }
    return nullptr;
  }
};

class Refused : public std::exception {
 public:
  Refused(const YAML::Mark& mark, std::string why) : line(mark.line + 1), reason(std::move(why)) {}
  int line;
  std::string reason;
};

// Builds the Value. yaml-cpp's own nodes take ten times the memory, and follow aliases, which make much of little.
class Builder : public YAML::EventHandler {
 public:
  Value root;

  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override { add(mark, Value::Kind::kNull); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override { throw Refused(mark, "holds an alias"); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                const std::string& text) override {
    Value& value = add(mark, Value::Kind::kText);
    value.text = trimmed(text);
    value.in_quotes = tag == "!";
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                       YAML::EmitterStyle::value /*style*/) override {
    open_.push_back(&add(mark, Value::Kind::kList));
  }
  void OnSequenceEnd() override { open_.pop_back(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                  YAML::EmitterStyle::value /*style*/) override {
    open_.push_back(&add(mark, Value::Kind::kMap));
  }
  void OnMapEnd() override { open_.pop_back(); }

 private:
  Value& add(const YAML::Mark& mark, Value::Kind kind) {
    if (open_.size() >= kMaxDepth) throw Refused(mark, "is nested too deep for a list of classes");
    if (++count_ > kMaxValues) throw Refused(mark, "holds more than " + std::to_string(kMaxValues) + " values");
    Value& value = open_.empty() ? root : open_.back()->items.emplace_back();
    value.kind = kind;
    value.line = mark.line + 1;
    return value;
  }

  std::vector<Value*> open_;  // a parent gets no further item while a child is open, so none of these moves
  std::size_t count_ = 0;
};

std::optional<std::int64_t> id_of(const Value& value) {
  std::int64_t id = 0;
  const char* const end = value.text.data() + value.text.size();
  const auto [rest, problem] = std::from_chars(value.text.data(), end, id);
  if (value.kind != Value::Kind::kText || value.text.empty() || rest != end) return std::nullopt;
  return problem == std::errc() ? id : std::int64_t{-1};
}

// Text that isn't in quotes but begins or ends with one is of a syntax that isn't read here, such as b'cat'.
bool is_clean(const Value& value) {
  constexpr Text kQuotes = "'\"";
  return value.kind == Value::Kind::kText && !value.text.empty() && value.text.find('\n') == Text::npos &&
         (value.in_quotes ||
          (kQuotes.find(value.text.back()) == Text::npos && kQuotes.find(value.text[0]) == Text::npos));
}

// Reads the classes of one value, in whichever form it has them.
class Classes {
 public:
  explicit Classes(LabelProblems& problems) : problems_(problems) {}

  std::vector<std::string> of(const Value& value) {
    if (value.size() == 0) return refuse(value, "holds no classes");
    if (value.kind == Value::Kind::kList) return of_list(value);
    if (value.kind != Value::Kind::kMap) return refuse(value, "is neither a list nor a map of classes");
    std::vector<Entry> entries = entries_of(value);
    return entries.empty() ? of_map(value) : of_entries(entries);
  }

 private:
  struct Entry {
    std::size_t rank;  // in kKnownEntries
    const Value* value;
  };

  // Known entries of the map, or else of the maps in it.
  static std::vector<Entry> entries_of(const Value& map) {
    std::vector<Entry> entries;
    for (std::size_t rank = 0; rank < kKnownEntries.size(); ++rank) {
      const Value* value = map.find(kKnownEntries[rank]);
      if (value != nullptr && value->size() > 0) entries.push_back({rank, value});
    }
    if (!entries.empty() || map.kind != Value::Kind::kMap) return entries;
    for (std::size_t index = 0; index < map.size(); ++index) {
      const std::vector<Entry> inner = entries_of(map.value(index));
      entries.insert(entries.end(), inner.begin(), inner.end());
    }
    return entries;
  }

  // Those of the first entry that is known; others that can be read must say the same.
  std::vector<std::string> of_entries(std::vector<Entry>& entries) {
    std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.rank < b.rank; });
    std::vector<std::string> names = of(*entries.front().value);
    for (const Entry& entry : entries) {
      const std::string no_path;
      LabelProblems unread(no_path);
      const std::vector<std::string> others = Classes(unread).of(*entry.value);
      if (!problems_.any() && !unread.any() && others != names) {
        return refuse(*entry.value, "has other classes under " + quoted(kKnownEntries[entry.rank]) + " than under " +
                                        quoted(kKnownEntries[entries.front().rank]) + " (line " +
                                        std::to_string(entries.front().value->line) +
                                        "): expected a file with one of them");
      }
    }
    return names;
  }

  std::vector<std::string> of_list(const Value& list) {
    if (list.items.front().kind == Value::Kind::kMap) return of_maps(list);
    const auto is_pair = [](const Value& item) {  // [0, "cat"] or ["cat", 0]
      return item.kind == Value::Kind::kList && item.size() == 2 &&
             (id_of(item.items[0]).has_value() != id_of(item.items[1]).has_value());
    };
    if (std::all_of(list.items.begin(), list.items.end(), is_pair)) {
      Value map{Value::Kind::kMap, list.line, "", false, {}};
      for (const Value& item : list.items) map.items.insert(map.items.end(), item.items.begin(), item.items.end());
      return of_map(map);
    }
    std::vector<std::string> names;
    for (const Value& item : list.items) names.push_back(name_of(item, names.size()));
    return names;
  }

  // [{"id": 0, "name": "cat"}, ...]
  std::vector<std::string> of_maps(const Value& list) {
    const Value& first = list.items.front();
    Text id_entry;
    Text name_entry;
    int best_id = -1;
    int best_name = -1;
    for (std::size_t index = 0; index < first.size(); ++index) {
      const int id = rank_as_id(first.key(index).text);
      const int name = rank_as_name(first.key(index).text);
      if (id >= 0 && (best_id < 0 || id < best_id)) {
        best_id = id;
        id_entry = first.key(index).text;
      }
      if (name >= 0 && (best_name < 0 || name < best_name)) {
        best_name = name;
        name_entry = first.key(index).text;
      }
    }
    if (best_id < 0 || best_name < 0) return refuse(first, "is a map without an id and a name");
    std::vector<NumberedName> classes;
    for (const Value& item : list.items) {
      const Value* id = item.find(id_entry);
      const Value* name = item.find(name_entry);
      if (id == nullptr || name == nullptr)
        return refuse(item, "has no " + quoted(id == nullptr ? id_entry : name_entry));
      classes.push_back({item.line, id_of(*id), id->text, name_of(*name, classes.size())});
    }
    return names_by_id(classes, "expected a class id as " + quoted(id_entry), problems_);
  }

  std::vector<std::string> of_map(const Value& map) {
    std::vector<NumberedName> by_key;
    std::vector<NumberedName> by_value;
    bool keys_are_ids = true;
    bool values_are_ids = true;
    for (std::size_t index = 0; index < map.size(); ++index) {
      const Value& key = map.key(index);
      const Value& value = map.value(index);
      by_key.push_back({key.line, id_of(key), key.text, value.text});
      by_value.push_back({value.line, id_of(value), value.text, key.text});
      keys_are_ids = keys_are_ids && by_key.back().id;
      values_are_ids = values_are_ids && by_value.back().id;
    }
    if (!keys_are_ids && !values_are_ids) {
      return refuse(map, "is a map, but neither its keys nor its values are class ids");
    }
    if (keys_are_ids && values_are_ids && ids_fit(by_key) && ids_fit(by_value)) {
      const std::string no_path;
      LabelProblems unused(no_path);
      if (names_by_id(by_key, "", unused) != names_by_id(by_value, "", unused)) {
        return refuse(map, "maps numbers to numbers, and either may be the class ids: expected a list of names");
      }
    }
    if (keys_are_ids && (!values_are_ids || !ids_fit(by_value))) {
      for (std::size_t index = 0; index < map.size(); ++index) by_key[index].name = name_of(map.value(index), index);
      return names_by_id(by_key, "", problems_);
    }
    return names_by_id(keys_are_ids ? by_key : by_value, "", problems_);
  }

  // A text, a WordNet id and a text, or a map with a name in it.
  std::string name_of(const Value& value, std::size_t index) {
    if (is_clean(value)) return value.text;
    if (value.kind == Value::Kind::kList && value.size() == 2 && is_clean(value.items[0]) && is_clean(value.items[1]) &&
        !behind_wordnet_id(value.items[0].text + " name").empty()) {
      return value.items[1].text;
    }
    const Value* name = nullptr;
    int best = -1;
    for (std::size_t entry = 0; value.kind == Value::Kind::kMap && entry < value.size(); ++entry) {
      const int rank = rank_as_name(value.key(entry).text);
      if (rank < 0 || !is_clean(value.value(entry)) || (best >= 0 && best < rank)) continue;
      best = rank;
      name = &value.value(entry);
    }
    if (name != nullptr) return name->text;
    problems_.add(value.line,
                  "expected a name as entry " + std::to_string(index) +
                      (value.kind == Value::Kind::kText && !value.text.empty() ? ", got " + quoted(value.text) : ""));
    return "";
  }

  std::vector<std::string> refuse(const Value& value, const std::string& reason) {
    problems_.add(value.line, reason);
    return {};
  }

  LabelProblems& problems_;
};

bool starts_with_any(Text text, Text characters) {
  return !text.empty() && characters.find(text.front()) != Text::npos;
}
bool ends_with_any(Text text, Text characters) { return !text.empty() && characters.find(text.back()) != Text::npos; }

// The layout of a label file. Lines are trimmed.
enum class Layout { kLines, kWhole, kEntryALine, kObjectALine, kYamlBlock, kSource };

Layout layout_of(const std::vector<LabelLine>& lines) {
  const Text first = lines.front().text;
  const Text last = lines.back().text;
  const auto is_object = [](const LabelLine& line) {
    return starts_with_any(line.text, "{") && ends_with_any(line.text, "}");
  };
  if (lines.size() > 1 && std::all_of(lines.begin(), lines.end(), is_object)) return Layout::kObjectALine;
  const bool is_name = lines.size() > 1 && ends_with_any(first, "]}") && !ends_with_any(last, "]}");  // [background]
  if (starts_with_any(first, "{[") && !is_name) return Layout::kWhole;
  const auto brackets = [first](Text signs) {
    return std::count_if(first.begin(), first.end(), [signs](char c) { return signs.find(c) != Text::npos; });
  };
  const Text end = trimmed(last.substr(0, last.find_last_not_of(';') + 1));
  const bool is_comment = first.substr(0, 2) == "//" || first.substr(0, 2) == "/*" || first.substr(0, 5) == "<?xml";
  if (is_comment || first == "(" ||
      (lines.size() > 1 && brackets("{[(") > brackets("}])") && ends_with_any(end, "}])"))) {
    return Layout::kSource;
  }
  const auto begins_entry = [](const LabelLine& line) {
    const Text entry = line.text.substr(0, line.text.find(':'));
    return entry.size() < line.text.size() &&
           std::find(kKnownEntries.begin(), kKnownEntries.end(), entry) != kKnownEntries.end();
  };
  if (first == "---" && lines.size() > 1) return Layout::kYamlBlock;
  if (begins_entry(lines.front()) && (lines.size() > 1 || ends_with_any(first, "]}"))) return Layout::kYamlBlock;
  // After other entries of a YAML file, a name may have this form: there, an entry must begin a list or a map.
  const auto holds_entry = [begins_entry](const LabelLine& line) {
    const Text value = begins_entry(line) ? trimmed(line.text.substr(line.text.find(':') + 1)) : Text("x");
    return value.empty() || value.front() == '[' || value.front() == '{' || value.front() == '#';
  };
  const bool may_be_yaml = first.find(':') != Text::npos || starts_with_any(first, "#%");
  if (may_be_yaml && std::any_of(lines.begin(), lines.end(), holds_entry)) return Layout::kYamlBlock;
  const auto is_item = [](const LabelLine& line) { return line.text.substr(0, 2) == "- "; };
  if (lines.size() > 1 && std::all_of(lines.begin(), lines.end(), is_item)) return Layout::kYamlBlock;
  const auto is_entry = [](const LabelLine& line) {
    const Text text = trimmed(line.text.substr(0, line.text.find_last_not_of(',') + 1));
    return (starts_with_any(text, "'\"") || ends_with_any(text, "'\"")) && text.find_first_of("'\"") != text.size() - 1;
  };
  const auto ends_with_comma = [](const LabelLine& line) { return ends_with_any(line.text, ","); };
  const bool entries = lines.size() > 1 && std::all_of(lines.begin(), lines.end(), is_entry) &&
                       std::all_of(lines.begin(), lines.end() - 1, ends_with_comma);
  return entries ? Layout::kEntryALine : Layout::kLines;
}

// Whether entries are "key: value" with the key a number or in quotes, rather than texts alone.
bool is_map_entry(Text line) {
  if (starts_with_any(line, "0123456789-")) return true;
  const std::size_t closing = line.find(line.front(), 1);
  return closing != Text::npos && starts_with_any(trimmed(line.substr(closing + 1)), ":");
}

std::string with_brackets(Text text, const std::vector<LabelLine>& lines, Layout layout) {
  if (layout == Layout::kEntryALine) {
    const bool is_map = is_map_entry(lines.front().text);
    return (is_map ? "{" : "[") + std::string(text) + (is_map ? "}" : "]");
  }
  if (layout != Layout::kObjectALine) return std::string(text);
  std::string list = "[";
  for (const LabelLine& line : lines) list += std::string(line.text) + ",\n";
  return list + "]";
}

// JSON has tabs for blanks, which yaml-cpp doesn't take between a key and its value, and writes characters beyond 16
// bits as two halves, "\ud83d\ude00".
std::string as_yaml(const std::string& text) {
  std::string yaml;
  const auto half_at = [&text](std::size_t index) -> unsigned long {
    if (text.compare(index, 2, "\\u") != 0 || index + 6 > text.size()) return 0;
    unsigned long half = 0;
    const auto [end, problem] = std::from_chars(text.data() + index + 2, text.data() + index + 6, half, 16);
    return problem == std::errc() && end == text.data() + index + 6 ? half : 0;
  };
  for (std::size_t index = 0; index < text.size(); ++index) {
    const unsigned long high = half_at(index);
    const unsigned long low = high >= 0xD800 && high < 0xDC00 ? half_at(index + 6) : 0;
    if (low >= 0xDC00 && low < 0xE000) {
      char escape[16];
      std::snprintf(escape, sizeof escape, "\\U%08lx", 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00));
      yaml += escape;
      index += 11;
    } else if (text[index] == '\\' && index + 1 < text.size()) {
      yaml += text[index];
      yaml += text[++index];
    } else {
      yaml += text[index] == '\t' ? ' ' : text[index];
    }
  }
  return yaml;
}

}  // namespace

std::optional<std::vector<std::string>> names_of_structure(Text text, const std::vector<LabelLine>& lines,
                                                           LabelProblems& problems) {
  const Layout layout = layout_of(lines);
  if (layout == Layout::kLines) return std::nullopt;
  if (layout == Layout::kSource) {
    problems.add(lines.front().number, "begins with " + quoted(lines.front().text) + ", as source code does");
    return std::vector<std::string>();
  }
  Builder builder;
  try {
    std::istringstream stream(as_yaml(with_brackets(text, lines, layout)));
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
    Builder rest;
    if (parser.HandleNextDocument(rest)) {
      problems.add(rest.root.line, "has text after the list or map of classes");
      return std::vector<std::string>();
    }
  } catch (const YAML::Exception& error) {
    problems.add(error.mark.line + 1,
                 "looks like JSON, YAML or a Python dict, but can't be read as it: " + shown(error.msg));
    return std::vector<std::string>();
  } catch (const Refused& refused) {
    problems.add(refused.line, refused.reason);
    return std::vector<std::string>();
  }
  return Classes(problems).of(builder.root);
}

}  // namespace ppinfer
