#include "config/draft.h"

#include <cstddef>
#include <stdexcept>

#include "config/postprocess_keys.h"

namespace ppinfer {
namespace {

std::size_t index_of(std::string_view key) {
  const ConfigField* field = find_field(key);
  if (field == nullptr) throw std::logic_error("no config key " + std::string(key));
  return static_cast<std::size_t>(field - field_table().data());
}

// The key's assignment in the layer where it says a length; 0 says only that the key is unused.
const Assignment* find_length(const ConfigLayer& layer, std::string_view key) {
  const Assignment* assignment = layer.find(key);
  if (assignment == nullptr) return nullptr;
  Settings scratch;
  assignment->field->parse(assignment->text, scratch);
  return assignment->field->print(scratch) == "0" ? nullptr : assignment;
}

}  // namespace

ConfigDraft::ConfigDraft() : origins_(field_table().size()) {
  for (const ConfigField& field : field_table()) field.parse(field.default_value, settings);
}

void ConfigDraft::apply(const ConfigLayer& layer, std::vector<std::string>& problems) {
  faulty_.insert(layer.faulty().begin(), layer.faulty().end());
  apply_resize_rules(layer, problems);
  put_aside_parameters(layer);
  for (const Assignment& assignment : layer.assignments()) {
    assignment.field->parse(assignment.text, settings);
    set_origin(assignment.field->name, assignment.origin);
  }
}

void ConfigDraft::apply_resize_rules(const ConfigLayer& layer, std::vector<std::string>& problems) {
  const Assignment* short_side = find_length(layer, "resize_short_size");
  const Assignment* width = find_length(layer, "resize_width");
  const Assignment* exact = width != nullptr ? width : find_length(layer, "resize_height");
  if (short_side != nullptr && exact != nullptr) {
    problems.push_back(exact->origin.place + ": " + exact->field->name + ": resize_short_size is set too (" +
                       short_side->origin.place + "); keep one of the two ways to resize");
    for (const char* key : {"resize_short_size", "resize_width", "resize_height"}) faulty_.insert(key);
  } else if (exact != nullptr) {
    settings.resize_short_size = 0;
    set_origin("resize_short_size", exact->origin);
    settings.crop_size = {};
    set_origin("crop_size", exact->origin);
  } else if (short_side != nullptr) {
    settings.resize_width = settings.resize_height = 0;
    if (origin("crop_ratio").rank == LayerRank::kModelSpec && layer.find("crop_ratio") == nullptr) {
      settings.crop_ratio = 0;  // it belongs to the resize that is put aside
      set_origin("crop_ratio", short_side->origin);
    }
    set_origin("resize_width", short_side->origin);
    set_origin("resize_height", short_side->origin);
  }
}

void ConfigDraft::put_aside_parameters(const ConfigLayer& layer) {
  const Assignment* assignment = layer.find("postprocess");
  if (assignment == nullptr) return;
  Settings scratch;
  assignment->field->parse(assignment->text, scratch);
  if (scratch.postprocess == settings.postprocess) return;
  for (const ConfigField& field : field_table()) {
    if (field.group != FieldGroup::kPostprocess || origin(field.name).rank != LayerRank::kModelSpec) continue;
    if (!postprocess_uses(settings.postprocess, field.name)) continue;
    field.parse(field.default_value, settings);
    set_origin(field.name, {});
  }
}

const ValueOrigin& ConfigDraft::origin(std::string_view key) const { return origins_[index_of(key)]; }

void ConfigDraft::set_origin(std::string_view key, ValueOrigin origin) { origins_[index_of(key)] = std::move(origin); }

bool ConfigDraft::sound(std::initializer_list<std::string_view> keys) const {
  for (const std::string_view key : keys) {
    if (faulty_.find(key) != faulty_.end()) return false;
  }
  return true;
}

std::string ConfigDraft::place_of_last(std::initializer_list<std::string_view> keys) const {
  const ValueOrigin* last = &origin(*keys.begin());
  for (const std::string_view key : keys) {
    if (origin(key).rank > last->rank) last = &origin(key);
  }
  return last->place.empty() ? "" : last->place + ": ";
}

}  // namespace ppinfer
