// A YAML file that says settings by other names: its maps are read entry by entry into a layer, and whatever isn't
// understood becomes a problem with path and line.
#pragma once

#include <yaml-cpp/yaml.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "config/layer.h"

namespace ppinfer {

class YamlSource {
 public:
  static constexpr std::size_t kMaxBytes = 16
                                           << 20;  // of a file (a label_list of 21,841 names is 1 MB), and of one value

  // `subject` names the entry in messages: "CropImage.size".
  using Reader = std::function<void(const YAML::Node& value, const std::string& subject)>;
  using Readers = std::vector<std::pair<std::string, Reader>>;

  // Values go into `layer` with `rank`. Paths in them are as seen from the file's folder; with `from_working_dir`,
  // where nothing is there, as seen from the working directory.
  YamlSource(std::string path, LayerRank rank, bool from_working_dir, ConfigLayer& layer,
             std::vector<std::string>& problems)
      : path_(std::move(path)), rank_(rank), from_working_dir_(from_working_dir), layer_(layer), problems_(problems) {}

  // The root of the file; an undefined node when it isn't YAML, and the problem says why.
  YAML::Node load();

  // Every entry goes to the reader of its name; a null value means "not given".
  void read_map(const YAML::Node& map, const std::string& subject, const Readers& readers);

  // Sets a config key. A value that the key can't have is a problem that calls it `subject`.
  void set(const char* key, const std::string& text, const YAML::Mark& mark, const std::string& subject);
  void problem(const YAML::Mark& mark, const std::string& subject, const std::string& reason);
  std::size_t problem_count() const { return problems_.size(); }
  const ConfigLayer& layer() const { return layer_; }

  // A parameter that is a config key by another name.
  Reader key(const char* name);
  // A parameter that supports only these values, in any case; the first is the recommended spelling.
  Reader only(std::vector<std::string> values);

  static Reader skip();
  static bool is_given(const YAML::Node& map, const char* name);
  static std::string text_of(const YAML::Node& node);  // lists become a,b,c
  static std::vector<std::string> names_of(const Readers& readers);

 private:
  std::string place(const YAML::Mark& mark) const;

  std::string path_;
  LayerRank rank_;
  bool from_working_dir_;
  ConfigLayer& layer_;
  std::vector<std::string>& problems_;
};

}  // namespace ppinfer
