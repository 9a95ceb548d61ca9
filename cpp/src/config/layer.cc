#include "config/layer.h"

#include "config/paths.h"
#include "core/message_text.h"

namespace ppinfer {

const char* to_string(LayerRank layer) {
  switch (layer) {
    case LayerRank::kDefaults:
      return "default";
    case LayerRank::kModelFile:
      return "model";
    case LayerRank::kModelSpec:
      return "inference.yml";
    case LayerRank::kFile:
      return "file";
    case LayerRank::kOverrides:
      return "override";
  }
  return "";
}

void ConfigLayer::set(std::string_view key, const std::string& text, const ValueOrigin& origin,
                      const std::string& subject, std::vector<std::string>& problems) {
  const std::string where = origin.place + ": " + (subject.empty() ? "" : subject + ": ");
  const ConfigField* field = find_field(key);
  if (field == nullptr) {
    problems.push_back(where + "unknown key" + did_you_mean(key, field_names()));
    return;
  }
  if (const Assignment* first = find(field->name)) {
    problems.push_back(where + "given twice, first at " + first->origin.place);
    return;
  }
  Settings scratch;
  if (!field->parse(text, scratch)) {
    problems.push_back(where + "got " + quoted(text) + ", expected " + field->expected);
    mark_faulty(field->name);
    return;
  }
  assignments_.push_back({field, field->is_path ? path_from(folder_, text) : text, origin});
}

const Assignment* ConfigLayer::find(std::string_view key) const {
  for (const Assignment& assignment : assignments_) {
    if (key == assignment.field->name) return &assignment;
  }
  return nullptr;
}

}  // namespace ppinfer
