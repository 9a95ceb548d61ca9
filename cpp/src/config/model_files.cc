#include "config/model_files.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <string_view>
#include <system_error>
#include <utility>

#include "config/paths.h"
#include "core/file_names.h"
#include "core/message_text.h"
#include "core/model_weights.h"
#include "core/stand_in.h"
#include "ppinfer/error.h"
#include "ppinfer/model_place.h"

namespace ppinfer {
namespace {

namespace fs = std::filesystem;

constexpr const char* kParamsEnding = ".pdiparams";

struct ModelEnding {
  const char* ending;
  const char* companion;  // a file of the same stem without which the file is taken for something else; empty: none
  ModelFormat format;
  bool listed = true;  // in messages
};

// Of files with the same stem the first wins.
const ModelEnding kEndings[] = {{".pdmodel", "", ModelFormat::kPaddleProgram},
                                {".json", kParamsEnding, ModelFormat::kPaddlePir},
                                {".onnx", "", ModelFormat::kOnnx},
                                {".xml", ".bin", ModelFormat::kOpenVinoIr},
                                {".fake", "", ModelFormat::kFake, false}};

// Exporters' own names, best first: with one of these in a folder, other models there don't make it ambiguous.
const char* const kUsualNames[] = {"inference.pdmodel", "inference.json", "model.pdmodel"};

// In any case: MODEL.ONNX, as some copies over networks and from Windows are called.
const ModelEnding* ending_of(const std::string& path) {
  const std::string ending = lower_ending(path);
  for (const ModelEnding& known : kEndings) {
    if (ending == known.ending) return &known;
  }
  return nullptr;
}

std::string listed_endings() {
  std::vector<std::string> endings;
  for (const ModelEnding& known : kEndings) {
    if (known.listed) endings.push_back(std::string("*") + known.ending);
  }
  return either_of(endings);
}

bool needs_params(ModelFormat format) {
  return format == ModelFormat::kPaddleProgram || format == ModelFormat::kPaddlePir;
}

// One model file for each stem in the folder, by stem.
std::map<std::string, fs::path> models_by_stem(const fs::path& folder) {
  std::map<std::string, fs::path> models;
  std::error_code error;
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const fs::path& path = entry->path();
    const ModelEnding* ending = ending_of(path.string());
    if (ending == nullptr || entry->is_directory(error)) continue;
    if (*ending->companion != '\0' && !is_there(file_beside(path.string(), ending->companion))) continue;
    fs::path& best = models[path.stem().string()];
    if (best.empty() || ending < ending_of(best.string())) best = path;
  }
  return models;
}

class ModelResolver {
 public:
  ModelResolver(ConfigDraft& draft, std::vector<std::string>& problems)
      : draft_(draft), settings_(draft.settings), problems_(problems) {}

  ModelFormat resolve() {
    find_in_folder();
    const ModelFormat format = check_model();
    check_file("label_path", settings_.label_path);
    return format;
  }

 private:
  void find_in_folder() {
    if (settings_.model_dir.empty()) return;
    const std::string problem = path_problem(settings_.model_dir, PathKind::kFolder);
    if (!problem.empty()) {
      folder_is_wrong_ = true;
      return say("model_dir", problem + (is_there(settings_.model_dir) ? meant_by_file(settings_.model_dir) : ""));
    }
    if (!settings_.cls_model_path.empty()) return;
    const std::string found = model_in(settings_.model_dir);
    if (found.empty()) return;
    settings_.cls_model_path = found;
    follow("cls_model_path", "model_dir");
  }

  std::string model_in(const fs::path& folder) {
    for (const char* name : kUsualNames) {
      if (is_there(folder / name)) return (folder / name).string();
    }
    const auto models = models_by_stem(folder);
    if (models.size() == 1) return models.begin()->second.string();
    folder_is_wrong_ = true;
    std::string names;
    for (const auto& [stem, path] : models) names += (names.empty() ? "" : ", ") + path.filename().string();
    say("model_dir", folder.string() + (models.empty() ? ": holds no model (" + listed_endings() + ")"
                                                       : ": holds several models (" + names +
                                                             "); set cls_model_path to one of them"));
    return "";
  }

  ModelFormat check_model() {
    if (settings_.cls_model_path.empty()) {
      if (!folder_is_wrong_ && draft_.sound({"model_dir", "cls_model_path"})) {
        problems_.push_back("no model: set model_dir to an exported model's folder, or cls_model_path");
      }
      check_file("cls_params_path", settings_.cls_params_path);
      return ModelFormat{};
    }
    const bool model_is_there = check_file("cls_model_path", settings_.cls_model_path);
    const ModelEnding* ending = ending_of(settings_.cls_model_path);
    if (model_is_there && ending == nullptr) {
      say("cls_model_path", settings_.cls_model_path + ": unknown ending, expected " + listed_endings());
    }
    if (ending == nullptr) {
      check_file("cls_params_path", settings_.cls_params_path);
      return ModelFormat{};
    }
    check_params(ending->format, model_is_there);
    return ending->format;
  }

  void check_params(ModelFormat format, bool model_is_there) {
    if (!needs_params(format)) {
      const std::string bin = file_beside(settings_.cls_model_path, ".bin");
      if (model_is_there && format == ModelFormat::kOpenVinoIr && fs::is_regular_file(bin)) {
        check_content("cls_model_path", bin);
      }
      if (settings_.cls_params_path.empty()) return;
      return say("cls_params_path", settings_.cls_params_path + ": " + file_name(settings_.cls_model_path) +
                                        " holds its weights or finds them itself; remove this key");
    }
    if (!settings_.cls_params_path.empty()) {
      check_file("cls_params_path", settings_.cls_params_path);
    } else if (model_is_there && draft_.sound({"cls_params_path"})) {
      const std::string params = file_beside(settings_.cls_model_path, kParamsEnding);
      const std::string problem = path_problem(params, PathKind::kFile);
      if (!problem.empty()) {
        return say("cls_model_path", settings_.cls_model_path + ": its weights are missing: " + problem +
                                         "; put them there or set cls_params_path");
      }
      if (!check_content("cls_model_path", params)) return;
      settings_.cls_params_path = params;
      follow("cls_params_path", "cls_model_path");
    }
  }

  bool check_file(const char* key, const std::string& path) {
    if (path.empty()) return true;
    const std::string problem = path_problem(path, PathKind::kFile);
    if (!problem.empty()) say(key, problem + way_out(key, path));
    return problem.empty() && check_content(key, path);
  }

  bool check_content(const char* key, const std::string& path) {
    const std::string problem = stand_in_problem(path);
    if (!problem.empty()) say(key, path + ": " + problem);
    return problem.empty();
  }

  static std::string meant_by_file(const std::string& path) {
    return ending_of(path) != nullptr ? "; set cls_model_path to a model file"
                                      : "; if it is a config, give it as that (-c " + path + ")";
  }

  static std::string way_out(const std::string& key, const std::string& path) {
    return key == "cls_model_path" && is_folder(path) ? "; set model_dir to a folder" : "";
  }

  // `key` was found by way of `leader`, and messages about it belong where that was set.
  void follow(const char* key, const char* leader) {
    ValueOrigin origin = draft_.origin(leader);
    origin.shown = leader;
    origin.place_names_key = false;
    origin.line = 0;
    draft_.set_origin(key, std::move(origin));
  }

  void say(const std::string& key, const std::string& reason) {
    problems_.push_back(draft_.place_of_last({key}) + (draft_.origin(key).place_names_key ? "" : key + ": ") + reason);
  }

  ConfigDraft& draft_;
  Settings& settings_;
  std::vector<std::string>& problems_;
  bool folder_is_wrong_ = false;
};

}  // namespace

std::string find_inference_yml(const std::string& model_dir, const std::string& cls_model_path) {
  if (model_dir.empty() && cls_model_path.empty()) return "";
  const std::string folder = model_dir.empty() ? parent_folder(cls_model_path) : model_dir;
  const std::string path = path_from(folder, "inference.yml");
  return is_there(path) ? path : "";
}

ModelPlace model_place(const std::string& path) {
  if (!is_folder(path)) return {ending_of(path) == nullptr ? "" : "cls_model_path", ""};
  // Whoever else puts a config.txt beside a model may mean it for another program.
  constexpr std::string_view kMadeBy = "# Made by ppinfer ";
  const std::string config = path_from(path, "config.txt");
  std::error_code error;
  std::string start(kMadeBy.size(), '\0');
  if (!fs::is_regular_file(config, error)) return {"model_dir", ""};
  std::ifstream file(config, std::ios::binary);
  const bool is_ours = file.read(start.data(), static_cast<std::streamsize>(start.size())) && start == kMadeBy;
  return {"model_dir", is_ours ? config : ""};
}

ModelFormat resolve_model_files(ConfigDraft& draft, std::vector<std::string>& problems) {
  return ModelResolver(draft, problems).resolve();
}

void check_weights(const ConfigDraft& draft, std::vector<std::string>& problems) {
  const std::string& model = draft.settings.cls_model_path;
  const std::string place = draft.place_of_last({"cls_model_path"}) + model + ": ";
  try {
    for (const std::string& problem : weights_problems(model)) problems.push_back(place + problem);
  } catch (const ModelError&) {
    // A damaged model is for its engine to refuse, which says more.
  }
}

}  // namespace ppinfer
