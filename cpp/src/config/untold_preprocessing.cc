#include "config/untold_preprocessing.h"

#include <filesystem>
#include <system_error>

#include "config/paths.h"

namespace ppinfer {
namespace {

namespace fs = std::filesystem;

// Of the preprocess group, those that say nothing of what the model was trained with.
bool decides_pixels(const ConfigField& field) {
  const std::string name = field.name;
  return field.group == FieldGroup::kPreprocess && name != "decode" && name != "exif_rotate" && name != "max_pixels";
}

bool all_are_defaults(const ConfigDraft& draft) {
  for (const ConfigField& field : field_table()) {
    if (decides_pixels(field) && draft.origin(field.name).rank != LayerRank::kDefaults) return false;
  }
  return true;
}

std::string shown(const ConfigDraft& draft, const char* key) {
  return std::string(key) + " " + find_field(key)->print(draft.settings);
}

std::string config_hint(const std::string& folder, const std::string& config_path) {
  const std::string beside = path_from(folder, "config.txt");
  std::error_code error;
  if (!fs::is_regular_file(beside, error) || fs::equivalent(beside, config_path, error)) return "";
  return ". " + beside + " is not read for being there: to run by it, give it as the config (-c " + beside +
         ", Predictor(\"" + beside + "\"))";
}

}  // namespace

std::string untold_preprocessing_notice(const ConfigDraft& draft, const std::string& yml_path,
                                        const std::string& config_path) {
  if (!all_are_defaults(draft)) return "";
  const Settings& settings = draft.settings;
  const std::string folder = settings.model_dir.empty() ? parent_folder(settings.cls_model_path) : settings.model_dir;
  const std::string lack =
      yml_path.empty() ? "no inference.yml lies beside " + settings.cls_model_path : yml_path + " has no PreProcess";
  return lack + ", and no key says how images are prepared: ImageNet's usual way is taken (" +
         shown(draft, "resize_short_size") + ", " + shown(draft, "crop_size") + ", " + shown(draft, "mean") + ", " +
         shown(draft, "std") + "); set these keys if the model was trained otherwise" +
         config_hint(folder, config_path);
}

}  // namespace ppinfer
