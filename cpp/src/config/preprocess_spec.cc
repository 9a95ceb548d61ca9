#include "config/preprocess_spec.h"

#include <cstddef>
#include <utility>

#include "core/message_text.h"

namespace ppinfer {
namespace {

// Operations of the same place stand in for each other, or (at the last) may come in either order.
struct Operation {
  const char* name;
  int place;
};

constexpr int kLastPlace = 3;
const Operation kOperations[] = {{"DecodeImage", 0}, {"ResizeImage", 1},    {"CropImageAtRatio", 1},
                                 {"CropImage", 2},   {"NormalizeImage", 3}, {"ToCHWImage", 3}};
constexpr const char* kOrder =
    "; the order that is supported is DecodeImage, ResizeImage or CropImageAtRatio, CropImage, then NormalizeImage "
    "and ToCHWImage";

class PreprocessSpec {
 public:
  explicit PreprocessSpec(YamlSource& source) : source_(source) {}

  void read(const YAML::Node& section, const std::string& subject) {
    source_.read_map(
        section, subject,
        {{"transform_ops", [this](const YAML::Node& ops, const std::string& name) { read_operations(ops, name); }}});
  }

 private:
  using Readers = YamlSource::Readers;

  struct Default {  // what leaving a parameter out means in PaddleClas
    const char* parameter;
    const char* key;
    const char* value;
  };

  void read_operations(const YAML::Node& list, const std::string& subject) {
    const std::size_t problems_before = source_.problem_count();
    if (!list.IsSequence()) return source_.problem(list.Mark(), subject, "expected a list of operations");
    for (const YAML::Node& item : list) read_operation(item, subject);
    if (source_.problem_count() == problems_before) read_absent(list.Mark(), subject);
  }

  void read_operation(const YAML::Node& item, const std::string& subject) {
    if (!item.IsMap() || item.size() != 1 || !item.begin()->first.IsScalar()) {
      return source_.problem(item.Mark(), subject,
                             "expected one operation with its parameters, such as CropImage: {size: 224}");
    }
    const std::string name = item.begin()->first.Scalar();
    const YAML::Mark mark = item.begin()->first.Mark();
    const Operation* operation = nullptr;
    std::vector<std::string> names;
    for (const Operation& known : kOperations) {
      names.emplace_back(known.name);
      if (name == known.name) operation = &known;
    }
    if (operation == nullptr) {
      return source_.problem(mark, subject,
                             "no operation " + quoted(name) + did_you_mean(name, names) + ", only " + either_of(names));
    }
    for (const Operation* earlier : present_) {
      if (earlier == operation) return source_.problem(mark, name, std::string("occurs twice") + kOrder);
      const bool out_of_order = earlier->place > operation->place;
      const bool in_its_place = earlier->place == operation->place && operation->place != kLastPlace;
      if (out_of_order || in_its_place) {
        return source_.problem(
            mark, name, (out_of_order ? "comes after " : "conflicts with ") + std::string(earlier->name) + kOrder);
      }
    }
    read_parameters(item.begin()->second, mark, name);
    present_.push_back(operation);
  }

  bool is_present(const std::string& name) const {
    for (const Operation* operation : present_) {
      if (name == operation->name) return true;
    }
    return false;
  }

  void read_parameters(const YAML::Node& node, const YAML::Mark& mark, const std::string& name) {
    if (name == "DecodeImage") {
      read_decode(node, mark, name);
    } else if (name == "ResizeImage") {
      read_resize(node, mark, name);
    } else if (name == "CropImageAtRatio") {
      read_crop_at_ratio(node, mark, name);
    } else if (name == "CropImage") {
      source_.read_map(node, name, {{"size", source_.key("crop_size")}});
      require_one_of({"size"}, node, mark, name);
    } else if (name == "NormalizeImage") {
      read_normalize(node, mark, name);
    } else {
      source_.read_map(node, name, {});
    }
  }

  void read_decode(const YAML::Node& node, const YAML::Mark& mark, const std::string& name) {
    const YamlSource::Reader to_rgb = [this](const YAML::Node& value, const std::string& subject) {
      bool rgb = true;
      if (!ValueText<bool>::parse(YamlSource::text_of(value), {}, rgb)) {
        return source_.problem(value.Mark(), subject,
                               "got " + quoted(YamlSource::text_of(value)) + ", expected true or false");
      }
      source_.set("channel_order", rgb ? "rgb" : "bgr", value.Mark(), subject);
    };
    source_.read_map(node, name,
                     {{"to_rgb", to_rgb},
                      {"to_np", source_.only({"false", "true"})},  // arrays are all that there is
                      {"channel_first", source_.only({"false"})},
                      {"backend", source_.only({"cv2"})}});
    set_defaults({{"to_rgb", "channel_order", "rgb"}}, node, mark, name);
  }

  void read_resize(const YAML::Node& node, const YAML::Mark& mark, const std::string& name) {
    const bool short_side_given = YamlSource::is_given(node, "resize_short");
    int short_side = 0;
    const bool by_short_side =  // a value that isn't a number counts too, so that its error is reported
        short_side_given &&
        (!ValueText<int>::parse(YamlSource::text_of(node["resize_short"]), {}, short_side) || short_side > 0);
    const bool both = short_side_given && YamlSource::is_given(node, "size");
    // PaddleClas uses only one of the two: resize_short if it is above 0.
    source_.read_map(node, name,
                     {{"resize_short", both && !by_short_side ? YamlSource::skip() : source_.key("resize_short_size")},
                      {"size", by_short_side ? YamlSource::skip() : exact_size()},
                      {"interpolation", source_.key("interpolation")},
                      {"backend", source_.key("resize_backend")},
                      {"return_numpy", source_.only({"true", "false"})}});  // the pixels are the same
    require_one_of({"resize_short", "size"}, node, mark, name);
    set_defaults({{"interpolation", "interpolation", "bilinear"}, {"backend", "resize_backend", "cv2"}}, node, mark,
                 name);
  }

  void read_crop_at_ratio(const YAML::Node& node, const YAML::Mark& mark, const std::string& name) {
    source_.read_map(
        node, name,
        {{"size", exact_size()}, {"pad", YamlSource::skip()}, {"interpolation", source_.key("interpolation")}});
    set_defaults({{"interpolation", "interpolation", "bilinear"}}, node, mark, name);
    source_.set("resize_backend", "cv2", mark, name);
    int size = 0;
    int pad = 0;
    const bool whole_numbers = YamlSource::is_given(node, "size") && YamlSource::is_given(node, "pad") &&
                               ValueText<int>::parse(YamlSource::text_of(node["size"]), {1, 1 << 14, false}, size) &&
                               ValueText<int>::parse(YamlSource::text_of(node["pad"]), {0, 1 << 14, false}, pad);
    if (!whole_numbers) {
      return source_.problem(mark, name,
                             "expected size and pad, both whole numbers of pixels, such as {size: 224, pad: 32}");
    }
    source_.set("crop_ratio", std::to_string(size) + "/" + std::to_string(size + pad), mark, name);
  }

  void read_normalize(const YAML::Node& node, const YAML::Mark& mark, const std::string& name) {
    // Exports say hwc by an empty order, too. PaddleClas' own default, chw, fits behind ToCHWImage only.
    const bool behind_chw = is_present("ToCHWImage");
    const YamlSource::Reader order = behind_chw ? source_.only({"chw"}) : source_.only({"hwc", ""});
    source_.read_map(node, name,
                     {{"scale", source_.key("scale")},
                      {"mean", source_.key("mean")},
                      {"std", source_.key("std")},
                      {"order", order},
                      {"channel_num", source_.key("channel_num")},
                      {"output_fp16", source_.key("round_to_fp16")}});
    set_defaults({{"scale", "scale", "1.0/255.0"},
                  {"mean", "mean", "0.485,0.456,0.406"},
                  {"std", "std", "0.229,0.224,0.225"},
                  {"channel_num", "channel_num", "3"},
                  {"output_fp16", "round_to_fp16", "0"}},
                 node, mark, name);
  }

  YamlSource::Reader exact_size() {  // a side, or [width, height]
    return [this](const YAML::Node& node, const std::string& subject) {
      const bool pair = node.IsSequence() && node.size() == 2;
      if (!pair && !node.IsScalar()) {
        return source_.problem(node.Mark(), subject, "expected a side or [width, height]");
      }
      source_.set("resize_width", YamlSource::text_of(pair ? node[0] : node), node.Mark(), subject);
      source_.set("resize_height", YamlSource::text_of(pair ? node[1] : node), node.Mark(), subject);
    };
  }

  void require_one_of(const std::vector<std::string>& parameters, const YAML::Node& node, const YAML::Mark& mark,
                      const std::string& name) {
    if (!node.IsMap() && !node.IsNull()) return;  // already reported
    for (const std::string& parameter : parameters) {
      if (YamlSource::is_given(node, parameter.c_str())) return;
    }
    source_.problem(mark, name, "needs " + either_of(parameters));
  }

  void set_defaults(const std::vector<Default>& defaults, const YAML::Node& node, const YAML::Mark& mark,
                    const std::string& name) {
    for (const Default& missing : defaults) {
      if (!YamlSource::is_given(node, missing.parameter)) source_.set(missing.key, missing.value, mark, name);
    }
  }

  // A pipeline says what it does by what it leaves out, too: nothing of a lower layer may slip in there.
  void read_absent(const YAML::Mark& mark, const std::string& subject) {
    if (!is_present("ResizeImage") && !is_present("CropImageAtRatio")) missing("ResizeImage", mark, subject);
    if (!is_present("ToCHWImage")) missing("ToCHWImage", mark, subject);
    if (!is_present("CropImageAtRatio")) source_.set("crop_ratio", "0", mark, subject);
    if (!is_present("CropImage") && source_.layer().find("resize_width") == nullptr) {
      source_.set("crop_size", "0", mark, subject);
    }
    if (!is_present("DecodeImage")) source_.set("channel_order", "rgb", mark, subject);
    if (is_present("NormalizeImage")) return;
    source_.set("scale", "1", mark, subject);
    source_.set("mean", "0,0,0", mark, subject);
    source_.set("std", "1,1,1", mark, subject);
    source_.set("channel_num", "3", mark, subject);
    source_.set("round_to_fp16", "0", mark, subject);
  }

  void missing(const std::string& name, const YAML::Mark& mark, const std::string& subject) {
    source_.problem(mark, subject, name + " is missing: no config key can leave it out");
  }

  YamlSource& source_;
  std::vector<const Operation*> present_;
};

}  // namespace

void read_preprocess_spec(const YAML::Node& section, const std::string& subject, YamlSource& source) {
  PreprocessSpec(source).read(section, subject);
}

}  // namespace ppinfer
