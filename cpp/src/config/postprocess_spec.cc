#include "config/postprocess_spec.h"

#include "config/postprocess_keys.h"
#include "core/message_text.h"

namespace ppinfer {
namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

class PostprocessSpec {
 public:
  PostprocessSpec(YamlSource& source, std::vector<std::string>& labels) : source_(source), labels_(labels) {}

  void read(const YAML::Node& section, const std::string& subject) {
    YamlSource::Readers operations;
    std::vector<std::string> found;
    for (const PostprocessKeys& row : postprocess_table()) {
      operations.emplace_back(row.spec_name, YamlSource::skip());
      if (section.IsMap() && section[row.spec_name]) found.emplace_back(row.spec_name);
    }
    operations.emplace_back("SavePreLabel", [this](const YAML::Node& node, const std::string&) {
      source_.read_map(node, "SavePreLabel", {{"save_dir", source_.key("save_dir")}});
    });
    operations.emplace_back("main_indicator", [this, &found](const YAML::Node& node, const std::string& name) {
      if (found.size() == 1 && YamlSource::text_of(node) == found.front()) return;
      source_.problem(node.Mark(), name,
                      "got " + quoted(YamlSource::text_of(node)) + ", expected the name of the operation beside it");
    });
    source_.read_map(section, subject, operations);
    if (section.IsMap() && section["SavePreLabel"] && !YamlSource::is_given(section["SavePreLabel"], "save_dir")) {
      source_.problem(section["SavePreLabel"].Mark(), "SavePreLabel", "needs save_dir");
    }
    if (found.size() > 1) {
      source_.problem(section.Mark(), subject, "has " + joined(found) + ", but only one of them is supported");
    } else if (found.size() == 1) {
      read_operation(section, found.front());
    }
  }

  void read_operation(const YAML::Node& section, const std::string& name) {
    const YAML::Node node = section[name];
    YAML::Mark mark;  // of the name: a value that is left out has its mark on the next line
    for (const auto& entry : section) {
      if (entry.first.Scalar() == name) mark = entry.first.Mark();
    }
    YamlSource::Readers parameters;
    for (const PostprocessKeys& row : postprocess_table()) {
      if (name != row.spec_name) continue;
      source_.set("postprocess", ValueText<PostprocessOp>::print(row.op), mark, name);
      for (const PostprocessParameter& parameter : row.parameters) {
        parameters.emplace_back(parameter.spec_name, parameter_reader(parameter, node));
        if (parameter.absent == nullptr || YamlSource::is_given(node, parameter.spec_name)) continue;
        if (*parameter.absent == '\0') {
          source_.problem(mark, name, std::string("needs ") + parameter.spec_name);
        } else {
          source_.set(parameter.key, parameter.absent, mark, name);
        }
      }
    }
    source_.read_map(node, name, parameters);
  }

  YamlSource::Reader parameter_reader(const PostprocessParameter& parameter, const YAML::Node& operation) {
    const std::string spec_name = parameter.spec_name;
    if (spec_name == "label_list") {
      return [this](const YAML::Node& node, const std::string& subject) { read_labels(node, subject); };
    }
    // PaddleClas doesn't open the file where there is a list.
    const bool list_wins = YamlSource::is_given(operation, "label_list") && operation["label_list"].size() > 0;
    if (spec_name == "class_id_map_file" && list_wins) return YamlSource::skip();
    if (spec_name != "decimal_places") return source_.key(parameter.key);
    return [this](const YAML::Node& node, const std::string& subject) {  // the key's -1 means something else there
      const std::string text = YamlSource::text_of(node);
      if (text.empty() || text[0] != '-') return source_.set("decimal_places", text, node.Mark(), subject);
      source_.problem(node.Mark(), subject, "got " + quoted(text) + ", but only 0 to 9 is supported");
    };
  }

  void read_labels(const YAML::Node& node, const std::string& subject) {
    if (node.IsScalar()) return source_.set("label_path", node.Scalar(), node.Mark(), subject);
    if (!node.IsSequence())
      return source_.problem(node.Mark(), subject, "expected a list of names, or the path of a label file");
    std::size_t bytes = 0;  // aliases make much of a small file
    for (const YAML::Node& label : node) {
      if (label.IsScalar()) bytes += label.Scalar().size();
      if (bytes > YamlSource::kMaxBytes) {
        source_.problem(label.Mark(), subject, "its names have more than 16 MiB");
        return labels_.clear();
      }
      if (label.IsScalar()) {
        labels_.push_back(label.Scalar());
      } else {
        source_.problem(label.Mark(), subject, "expected a name for class " + std::to_string(labels_.size()));
        return labels_.clear();
      }
    }
  }

  YamlSource& source_;
  std::vector<std::string>& labels_;
};

}  // namespace

void read_postprocess_spec(const YAML::Node& section, const std::string& subject, YamlSource& source,
                           std::vector<std::string>& labels) {
  PostprocessSpec(source, labels).read(section, subject);
}

}  // namespace ppinfer
