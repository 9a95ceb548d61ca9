#include "config/yaml_source.h"

#include <cstddef>
#include <filesystem>
#include <set>

#include "config/paths.h"
#include "core/ascii.h"
#include "core/message_text.h"
#include "core/text_encoding.h"
#include "ppinfer/error.h"
#include "ppinfer/terminal.h"

namespace ppinfer {
YAML::Node YamlSource::load() {
  try {
    const std::string text = read_text_file(path_, kMaxBytes);
    const std::string encoding = encoding_problem(text);
    if (!encoding.empty()) throw ConfigError({path_ + ": " + encoding});
    return YAML::Load(text);
  } catch (const YAML::Exception& error) {
    problems_.push_back(place(error.mark) + ": not valid YAML: " + shown(error.msg));
  } catch (const ConfigError& error) {
    problems_.insert(problems_.end(), error.problems().begin(), error.problems().end());
  }
  return YAML::Node(YAML::NodeType::Undefined);
}

void YamlSource::read_map(const YAML::Node& map, const std::string& subject, const Readers& readers) {
  if (map.IsNull()) return;
  if (!map.IsMap()) return problem(map.Mark(), subject, "expected a map of " + either_of(names_of(readers)));
  std::set<std::string> seen;
  for (const auto& entry : map) {
    const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : "";
    const std::string entry_subject = subject.empty() ? name : subject + "." + name;
    const Reader* reader = nullptr;
    for (const auto& [known, known_reader] : readers) {
      if (known == name) reader = &known_reader;
    }
    if (reader == nullptr) {
      problem(entry.first.Mark(), subject,
              "can't express " + ppinfer::quoted(name) + did_you_mean(name, names_of(readers)) + ", only " +
                  (readers.empty() ? "no parameters" : either_of(names_of(readers))));
    } else if (!seen.insert(name).second) {
      problem(entry.first.Mark(), entry_subject, "given twice");
    } else if (!entry.second.IsNull()) {
      (*reader)(entry.second, entry_subject);
    }
  }
}

void YamlSource::set(const char* key, const std::string& text, const YAML::Mark& mark, const std::string& subject) {
  std::string value = text;
  const ConfigField* field = find_field(key);
  if (from_working_dir_ && field != nullptr && field->is_path && !text.empty() &&
      !is_there(path_from(parent_folder(path_), text)) && is_there(text)) {
    value = std::filesystem::absolute(text).string();
  }
  const int line = mark.is_null() || rank_ == LayerRank::kModelSpec ? 0 : mark.line + 1;
  const std::string shown = file_name(path_) + (line == 0 ? "" : ":" + std::to_string(line));
  layer_.set(key, value, {rank_, shown, place(mark), false, line}, subject, problems_);
}

void YamlSource::problem(const YAML::Mark& mark, const std::string& subject, const std::string& reason) {
  problems_.push_back(place(mark) + ": " + (subject.empty() ? "" : subject + ": ") + reason);
}

YamlSource::Reader YamlSource::key(const char* name) {
  return [this, name](const YAML::Node& node, const std::string& subject) {
    set(name, text_of(node), node.Mark(), subject);
  };
}

YamlSource::Reader YamlSource::only(std::vector<std::string> values) {
  return [this, values = std::move(values)](const YAML::Node& node, const std::string& subject) {
    std::string text = text_of(node);
    std::transform(text.begin(), text.end(), text.begin(), to_lower);
    for (const std::string& value : values) {
      if (text == value) return;
    }
    problem(node.Mark(), subject,
            "got " + ppinfer::quoted(text_of(node)) + ", but only " + values.front() + " is supported");
  };
}

YamlSource::Reader YamlSource::skip() {
  return [](const YAML::Node&, const std::string&) {};
}

bool YamlSource::is_given(const YAML::Node& map, const char* name) {
  return map.IsMap() && map[name] && !map[name].IsNull();
}

std::string YamlSource::text_of(const YAML::Node& node) {
  if (node.IsScalar()) return node.Scalar();
  std::string text;
  if (!node.IsSequence()) return node.IsMap() ? "{...}" : "null";
  for (const YAML::Node& item : node) {
    if (text.size() > kMaxBytes) break;  // aliases make much of a small file; no key takes such a text
    text += (text.empty() ? "" : ",") + (item.IsScalar() ? item.Scalar() : "[...]");
  }
  return text;
}

std::vector<std::string> YamlSource::names_of(const Readers& readers) {
  std::vector<std::string> names;
  for (const auto& [name, reader] : readers) names.push_back(name);
  return names;
}

std::string YamlSource::place(const YAML::Mark& mark) const {
  return mark.is_null() ? path_ : path_ + ":" + std::to_string(mark.line + 1);
}

}  // namespace ppinfer
