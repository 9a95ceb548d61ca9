#include "config/inference_yml.h"

#include <yaml-cpp/yaml.h>

#include <cstddef>
#include <functional>
#include <set>
#include <utility>

#include "config/paths.h"
#include "config/postprocess_keys.h"
#include "core/message_text.h"
#include "ppinfer/error.h"

namespace ppinfer {
namespace {

constexpr std::size_t kMaxBytes = 16 << 20;  // 21,841 labels of ImageNet-22k are 1 MB

using Reader = std::function<void(const YAML::Node& value, const std::string& subject)>;
using Readers = std::vector<std::pair<std::string, Reader>>;

std::string place_of(const std::string& path, const YAML::Mark& mark) {
  return mark.is_null() ? path : path + ":" + std::to_string(mark.line + 1);
}

std::vector<std::string> names_of(const Readers& readers) {
  std::vector<std::string> names;
  for (const auto& [name, reader] : readers) names.push_back(name);
  return names;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

class SpecReader {
 public:
  SpecReader(const std::string& path, ModelSpec& spec, std::vector<std::string>& problems)
      : path_(path), spec_(spec), problems_(problems) {}

  void read(const YAML::Node& root) {
    const Reader pass_over = [](const YAML::Node&, const std::string&) {};
    const Readers sections = {
        {"Global", pass_over},
        {"Hpi", pass_over},
        {"PreProcess", [this](const YAML::Node& node, const std::string& name) { read_preprocess(node, name); }},
        {"PostProcess", [this](const YAML::Node& node, const std::string& name) { read_postprocess(node, name); }}};
    if (root.IsNull()) return problem(root.Mark(), "", "holds nothing, expected a map of PreProcess and PostProcess");
    read_map(root, "", sections);
  }

 private:
  // Every entry of a map goes to the reader of its name; a null value means "not given".
  void read_map(const YAML::Node& map, const std::string& subject, const Readers& readers) {
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
                "can't express " + quoted(name) + ", only " +
                    (readers.empty() ? "no parameters" : either_of(names_of(readers))));
      } else if (!seen.insert(name).second) {
        problem(entry.first.Mark(), entry_subject, "given twice");
      } else if (!entry.second.IsNull()) {
        (*reader)(entry.second, entry_subject);
      }
    }
  }

  void read_preprocess(const YAML::Node& section, const std::string& subject) {
    read_map(
        section, subject,
        {{"transform_ops", [this](const YAML::Node& ops, const std::string& name) { read_operations(ops, name); }}});
  }

  void read_operations(const YAML::Node& list, const std::string& subject) {
    const std::size_t problems_before = problems_.size();
    if (!list.IsSequence()) return problem(list.Mark(), subject, "expected a list of operations");
    const Readers operations = operation_readers();
    std::vector<bool> present(operations.size(), false);
    for (const YAML::Node& item : list) read_operation(item, subject, operations, present);
    if (problems_.size() > problems_before) return;
    for (std::size_t i = 0; i < operations.size(); ++i) {
      const std::string& name = operations[i].first;
      if (!present[i]) read_absent(list.Mark(), name, subject);
    }
  }

  // The order of the table is the only one that the config keys can express.
  void read_operation(const YAML::Node& item, const std::string& subject, const Readers& operations,
                      std::vector<bool>& present) {
    if (!item.IsMap() || item.size() != 1 || !item.begin()->first.IsScalar()) {
      return problem(item.Mark(), subject,
                     "expected one operation with its parameters, such as CropImage: {size: 224}");
    }
    const std::string name = item.begin()->first.Scalar();
    const YAML::Mark mark = item.begin()->first.Mark();
    std::size_t index = 0;
    while (index < operations.size() && operations[index].first != name) ++index;
    if (index == operations.size()) {
      return problem(mark, subject, "no operation " + quoted(name) + ", only " + either_of(names_of(operations)));
    }
    for (std::size_t later = index; later < operations.size(); ++later) {
      if (!present[later]) continue;
      const std::string order = "; the order that can be expressed is " + joined(names_of(operations));
      return problem(mark, name,
                     (later == index ? "stands here twice" : "stands after " + operations[later].first) + order);
    }
    present[index] = true;
    operations[index].second(item.begin()->second, name);
  }

  // A pipeline says what it does by what it leaves out, too: the built-in defaults must not slip in there.
  void read_absent(const YAML::Mark& mark, const std::string& name, const std::string& subject) {
    if (name == "CropImage") {
      if (spec_.layer.find("resize_width") == nullptr) set("crop_size", "0", mark, subject);
    } else if (name == "NormalizeImage") {
      set("scale", "1", mark, subject);
      set("mean", "0,0,0", mark, subject);
      set("std", "1,1,1", mark, subject);
    } else if (name != "DecodeImage") {
      problem(mark, subject, name + " is missing: there is no config key that leaves it out");
    }
  }

  Readers operation_readers() {
    using Names = std::vector<std::string>;
    const auto with_parameters = [this](Readers parameters, const Names& one_of = {}) -> Reader {
      return [this, parameters = std::move(parameters), one_of](const YAML::Node& node, const std::string& name) {
        read_map(node, name, parameters);
        bool given = one_of.empty() || (!node.IsMap() && !node.IsNull());
        for (const std::string& parameter : one_of) given = given || (node.IsMap() && node[parameter]);
        if (!given) problem(node.Mark(), name, "needs " + either_of(one_of));
      };
    };
    const Readers decode = {{"to_rgb", channel_order()},
                            {"to_np", only({"false"})},
                            {"channel_first", only({"false"})},
                            {"backend", only({"cv2"})}};
    const Readers resize = {{"resize_short", key("resize_short_size")},
                            {"size", exact_size()},
                            {"interpolation", key("interpolation")},
                            {"backend", only({"cv2"})},
                            {"return_numpy", only({"true"})}};
    // An empty order is how exports say hwc; chw there would need ToCHWImage to come first.
    const Readers normalize = {{"scale", key("scale")},      {"mean", key("mean")},
                               {"std", key("std")},          {"order", only({"hwc", ""})},
                               {"channel_num", only({"3"})}, {"output_fp16", only({"false"})}};
    return {{"DecodeImage", with_parameters(decode)},
            {"ResizeImage", with_parameters(resize, {"resize_short", "size"})},
            {"CropImage", with_parameters({{"size", key("crop_size")}}, {"size"})},
            {"NormalizeImage", with_parameters(normalize)},
            {"ToCHWImage", with_parameters({})}};
  }

  void read_postprocess(const YAML::Node& section, const std::string& subject) {
    Readers operations;
    std::vector<std::string> found;
    for (const PostprocessKeys& row : postprocess_table()) {
      operations.emplace_back(row.spec_name, [](const YAML::Node&, const std::string&) {});
      if (section.IsMap() && section[row.spec_name]) found.emplace_back(row.spec_name);
    }
    operations.emplace_back("SavePreLabel", [this](const YAML::Node& node, const std::string&) {
      read_map(node, "SavePreLabel", {{"save_dir", key("save_dir")}});
    });
    operations.emplace_back("main_indicator", [this, &found](const YAML::Node& node, const std::string& name) {
      if (found.size() == 1 && text_of(node) == found.front()) return;
      problem(node.Mark(), name, "got " + quoted(text_of(node)) + ", expected the name of the operation beside it");
    });
    read_map(section, subject, operations);
    if (section.IsMap() && section["SavePreLabel"] && !is_given(section["SavePreLabel"], "save_dir")) {
      problem(section["SavePreLabel"].Mark(), "SavePreLabel", "needs save_dir");
    }
    if (found.size() > 1) {
      problem(section.Mark(), subject, "has " + joined(found) + ", but only one of them can be expressed");
    } else if (found.size() == 1) {
      read_postprocess_operation(section, found.front());
    }
  }

  void read_postprocess_operation(const YAML::Node& section, const std::string& name) {
    const YAML::Node node = section[name];
    YAML::Mark mark;  // of the name: a value that is left out has its mark on the next line
    for (const auto& entry : section) {
      if (entry.first.Scalar() == name) mark = entry.first.Mark();
    }
    Readers parameters;
    for (const PostprocessKeys& row : postprocess_table()) {
      if (name != row.spec_name) continue;
      set("postprocess", ValueText<PostprocessOp>::print(row.op), mark, name);
      for (const PostprocessParameter& parameter : row.parameters) {
        parameters.emplace_back(parameter.spec_name, parameter_reader(parameter, node));
        if (parameter.absent == nullptr || is_given(node, parameter.spec_name)) continue;
        if (*parameter.absent == '\0') {
          problem(mark, name, std::string("needs ") + parameter.spec_name);
        } else {
          set(parameter.key, parameter.absent, mark, name);
        }
      }
    }
    read_map(node, name, parameters);
  }

  static bool is_given(const YAML::Node& map, const char* name) {
    return map.IsMap() && map[name] && !map[name].IsNull();
  }

  Reader parameter_reader(const PostprocessParameter& parameter, const YAML::Node& operation) {
    const std::string spec_name = parameter.spec_name;
    if (spec_name == "label_list") {
      return [this](const YAML::Node& node, const std::string& subject) { read_labels(node, subject); };
    }
    // PaddleClas doesn't open the file where there is a list.
    const bool list_wins = is_given(operation, "label_list") && operation["label_list"].size() > 0;
    if (spec_name == "class_id_map_file" && list_wins) return [](const YAML::Node&, const std::string&) {};
    if (spec_name != "decimal_places") return key(parameter.key);
    return [this](const YAML::Node& node, const std::string& subject) {  // the key's -1 means something else there
      const std::string text = text_of(node);
      if (text.empty() || text[0] != '-') return set("decimal_places", text, node.Mark(), subject);
      problem(node.Mark(), subject, "got " + quoted(text) + ", but only 0 to 9 can be expressed");
    };
  }

  void read_labels(const YAML::Node& node, const std::string& subject) {
    if (node.IsScalar()) return set("label_path", node.Scalar(), node.Mark(), subject);
    if (!node.IsSequence())
      return problem(node.Mark(), subject, "expected a list of names, or the path of a label file");
    for (const YAML::Node& label : node) {
      if (label.IsScalar()) {
        spec_.labels.push_back(label.Scalar());
      } else {
        problem(label.Mark(), subject, "expected a name for class " + std::to_string(spec_.labels.size()));
        return spec_.labels.clear();
      }
    }
  }

  // A parameter that is a config key by another name.
  Reader key(const char* name) {
    return [this, name](const YAML::Node& node, const std::string& subject) {
      set(name, text_of(node), node.Mark(), subject);
    };
  }

  Reader exact_size() {  // a side, or [width, height]
    return [this](const YAML::Node& node, const std::string& subject) {
      const bool pair = node.IsSequence() && node.size() == 2;
      if (!pair && !node.IsScalar()) return problem(node.Mark(), subject, "expected a side or [width, height]");
      set("resize_width", text_of(pair ? node[0] : node), node.Mark(), subject);
      set("resize_height", text_of(pair ? node[1] : node), node.Mark(), subject);
    };
  }

  Reader channel_order() {
    return [this](const YAML::Node& node, const std::string& subject) {
      bool to_rgb = true;
      if (!ValueText<bool>::parse(text_of(node), {}, to_rgb)) {
        return problem(node.Mark(), subject, "got " + quoted(text_of(node)) + ", expected true or false");
      }
      set("channel_order", to_rgb ? "rgb" : "bgr", node.Mark(), subject);
    };
  }

  // A parameter of which only these values (the first is what to write) can be expressed.
  Reader only(std::vector<std::string> values) {
    return [this, values = std::move(values)](const YAML::Node& node, const std::string& subject) {
      std::string text = text_of(node);
      for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      for (const std::string& value : values) {
        if (text == value) return;
      }
      problem(node.Mark(), subject,
              "got " + quoted(text_of(node)) + ", but only " + values.front() + " can be expressed");
    };
  }

  static std::string text_of(const YAML::Node& node) {  // lists become a,b,c
    if (node.IsScalar()) return node.Scalar();
    std::string text;
    if (!node.IsSequence()) return node.IsMap() ? "{...}" : "null";
    for (const YAML::Node& item : node) text += (text.empty() ? "" : ",") + (item.IsScalar() ? item.Scalar() : "[...]");
    return text;
  }

  std::string place(const YAML::Mark& mark) const { return place_of(path_, mark); }

  void set(const char* key, const std::string& text, const YAML::Mark& mark, const std::string& subject) {
    spec_.layer.set(key, text, {LayerRank::kModelSpec, file_name(path_), place(mark)}, subject, problems_);
  }

  void problem(const YAML::Mark& mark, const std::string& subject, const std::string& reason) {
    problems_.push_back(place(mark) + ": " + (subject.empty() ? "" : subject + ": ") + reason);
  }

  const std::string& path_;
  ModelSpec& spec_;
  std::vector<std::string>& problems_;
};

}  // namespace

ModelSpec read_inference_yml(const std::string& path, std::vector<std::string>& problems) {
  ModelSpec spec{ConfigLayer(parent_folder(path)), {}};
  try {
    SpecReader(path, spec, problems).read(YAML::Load(read_text_file(path, kMaxBytes)));
  } catch (const YAML::Exception& error) {
    problems.push_back(place_of(path, error.mark) + ": not valid YAML: " + error.msg);
  } catch (const ConfigError& error) {
    problems.insert(problems.end(), error.problems().begin(), error.problems().end());
  }
  return spec;
}

}  // namespace ppinfer
