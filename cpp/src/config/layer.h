// One source of settings: the model's inference.yml, the file, or the overrides. Holds what it sets, checked by itself.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/field_table.h"

namespace ppinfer {

struct ValueOrigin {
  LayerRank rank = LayerRank::kDefaults;
  std::string shown = "default";  // in EffectiveValue: "config.txt:12"
  std::string place;              // in front of messages: "configs/config.txt:12", "-o lanes=x"; empty: the defaults
  bool place_names_key = false;   // else messages name it behind the place
  int line = 0;                   // as in EffectiveValue
};

struct Assignment {
  const ConfigField* field = nullptr;
  std::string text;  // a value of the field; paths as seen from the working directory
  ValueOrigin origin;
};

class ConfigLayer {
 public:
  // Paths in values are relative to `folder`.
  explicit ConfigLayer(std::string folder = "") : folder_(std::move(folder)) {}

  // Keeps the value, or adds to `problems`: unknown key, key given before, not a value of this key. `subject` stands
  // between place and reason ("config.txt:12: topk: got ..."); empty when the place says it.
  void set(std::string_view key, const std::string& text, const ValueOrigin& origin, const std::string& subject,
           std::vector<std::string>& problems);
  // The key is set here, but to nothing that can be used; a message says why.
  void mark_faulty(const std::string& key) { faulty_.insert(key); }

  const Assignment* find(std::string_view key) const;  // null: not set here, or faulty
  const std::vector<Assignment>& assignments() const { return assignments_; }
  const std::set<std::string>& faulty() const { return faulty_; }

 private:
  std::string folder_;
  std::vector<Assignment> assignments_;
  std::set<std::string> faulty_;
};

}  // namespace ppinfer
