#include "config/guesses.h"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <vector>

#include "config/paths.h"
#include "core/message_text.h"

namespace ppinfer {
namespace {

namespace fs = std::filesystem;

constexpr int kUsualCropPx = 224;
constexpr int kUsualShortSidePx = 256;

// What other exporters put beside their models: Hugging Face and timm, PaddleX 2, Ultralytics, PaddleClas' deployment.
const char* const kUnreadFiles[] = {"preprocessor_config.json", "config.json", "model.yml", "metadata.yaml",
                                    "inference_cls.yaml"};

bool is_stated(const ConfigDraft& draft, std::string_view key) {
  return draft.origin(key).rank != LayerRank::kDefaults;
}

int usual_short_side(Size crop) {
  const int longer = std::max(crop.width, crop.height);
  return std::min(longer * kUsualShortSidePx / kUsualCropPx, kMaxSidePx);
}

void stretch_to(ConfigDraft& draft, Size model_px, const ValueOrigin& origin) {
  draft.settings.resize_short_size = 0;
  draft.settings.crop_size = {};
  draft.settings.resize_width = model_px.width;
  draft.settings.resize_height = model_px.height;
  for (const char* key : {"resize_short_size", "crop_size", "resize_width", "resize_height"}) {
    draft.set_origin(key, origin);
  }
}

std::string folder_of_model(const Settings& settings) {
  return settings.model_dir.empty() ? parent_folder(settings.cls_model_path) : settings.model_dir;
}

std::string config_hint(const std::string& folder, const std::string& config_path) {
  const std::string beside = path_from(folder, "config.txt");
  std::error_code error;
  if (!fs::is_regular_file(beside, error) || fs::equivalent(beside, config_path, error)) return "";
  return ". " + beside + " exists but is not used automatically. To use it, pass `-c " + beside +
         "`, or `Predictor(\"" + beside + "\")` in Python";
}

// Hugging Face's exports have the model in a folder onnx/ beneath.
std::string unread_hint(const std::string& folder, const ModelInput& input, const std::string& model_name,
                        const std::string& config_path) {
  std::vector<std::string> folders{folder};
  if (file_name(folder) == "onnx") folders.push_back(parent_folder(folder));
  std::string names;
  for (const std::string& place : folders) {
    for (const char* name : kUnreadFiles) {
      const std::string path = path_from(place, name);
      std::error_code error;
      if (!fs::is_regular_file(path, error) || fs::equivalent(path, config_path, error)) continue;
      names += (names.empty() ? "" : ", ") + path;
    }
  }
  constexpr std::size_t kMostKeys = 8;
  std::string keys;
  for (std::size_t i = 0; i < std::min(kMostKeys, input.metadata.size()); ++i) {
    keys += (i == 0 ? "" : ", ") + shown_word(input.metadata[i]);
  }
  if (!keys.empty()) names += (names.empty() ? "" : ", ") + ("the metadata in " + model_name + " (" + keys + ")");
  return names.empty() ? "" : ". These may state the values, but ppinfer does not read them: " + names;
}

}  // namespace

void settle_sizes(ConfigDraft& draft, Size model_px, const std::string& model_name) {
  if (!draft.sound({"crop_size", "resize_short_size", "resize_width", "resize_height"})) return;
  Settings& settings = draft.settings;
  const bool resize_stated = is_stated(draft, "resize_short_size");
  const bool crop_stated = is_stated(draft, "crop_size");
  if (settings.resize_width != 0 || settings.resize_height != 0) return;
  if (!crop_stated && model_px != Size{}) {
    const ValueOrigin from_model{LayerRank::kModelFile, model_name, ""};
    if (model_px.width != model_px.height && !resize_stated) {
      return stretch_to(draft, model_px, {LayerRank::kDefaults, model_name, ""});
    }
    settings.crop_size = model_px;
    draft.set_origin("crop_size", from_model);
  }
  if (resize_stated || !is_stated(draft, "crop_size") || settings.crop_size == Size{}) return;
  settings.resize_short_size = usual_short_side(settings.crop_size);
  draft.set_origin("resize_short_size", {LayerRank::kDefaults, "crop_size", ""});
}

void adopt_deployment_preprocessing(ConfigDraft& draft, const ConfigLayer& file, ModelFormat format,
                                    const std::string& file_name) {
  if (format != ModelFormat::kPaddleProgram && format != ModelFormat::kPaddlePir) return;
  for (const ConfigField& field : field_table()) {
    const bool is_required = field.legacy && field.effect != KeyEffect::kNothing;
    if (is_required && file.find(field.name) == nullptr) return;
  }
  for (const ConfigField& field : field_table()) {
    if (!is_guessed(draft, field)) continue;
    draft.set_origin(field.name, {LayerRank::kFile, file_name + " (PaddleClas' deployment)", ""});
  }
}

bool is_guessed(const ConfigDraft& draft, const ConfigField& field) {
  return field.guessed_when_unset && !is_stated(draft, field.name) && field.print(draft.settings) != "0";
}

std::string guess_notice(const ConfigDraft& draft, const ModelInput& input, const std::string& yml_path,
                         const std::string& config_path) {
  std::string guesses;
  for (const ConfigField& field : field_table()) {
    if (!is_guessed(draft, field)) continue;
    const std::string value = field.print(draft.settings);
    const bool is_default = value == field.print(Settings{});  // then as it's documented: 1.0/255.0
    guesses += (guesses.empty() ? "" : ", ") + field.name + " " + (is_default ? field.default_value : value);
  }
  if (guesses.empty()) return "";
  const Settings& settings = draft.settings;
  const std::string folder = folder_of_model(settings);
  const bool is_stretched = !is_stated(draft, "resize_width") && settings.resize_width != 0;
  return (yml_path.empty() ? "no inference.yml next to " + settings.cls_model_path
                           : yml_path + " doesn't say how images are prepared") +
         ". Unset keys, with guessed values: " + guesses +
         (is_stretched ? " (the whole image, stretched to the model's sides)" : "") +
         ". Set these keys to the values of the model's training" +
         unread_hint(folder, input, file_name(settings.cls_model_path), config_path) + config_hint(folder, config_path);
}

}  // namespace ppinfer
