// The settings while layer after layer is laid over the defaults, and where each value came from.
#pragma once

#include <initializer_list>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/layer.h"

namespace ppinfer {

class ConfigDraft {
 public:
  ConfigDraft();  // the defaults

  // Lays a layer on top. A layer with a short side unsets the exact size of the layers below, and the other way round;
  // both in one layer is a problem. A layer with an exact size and without crop_size means no crop. A layer with
  // another postprocess op puts aside what the model's own spec said for its op.
  void apply(const ConfigLayer& layer, std::vector<std::string>& problems);

  const ValueOrigin& origin(std::string_view key) const;
  void set_origin(std::string_view key, ValueOrigin origin);
  bool given_by_user(std::string_view key) const { return origin(key).rank >= LayerRank::kFile; }
  // None of the keys was given a value that could not be used: whatever is checked between them is worth saying.
  bool sound(std::initializer_list<std::string_view> keys) const;
  // "config.txt:12: " of the key given last among these, or nothing when all are defaults.
  std::string place_of_last(std::initializer_list<std::string_view> keys) const;

  Settings settings;

 private:
  void put_aside_parameters(const ConfigLayer& layer);
  void apply_resize_rules(const ConfigLayer& layer, std::vector<std::string>& problems);

  std::vector<ValueOrigin> origins_;  // by place in the field table
  std::set<std::string, std::less<>> faulty_;
};

}  // namespace ppinfer
