#include "ppinfer/config.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "config/checks.h"
#include "config/draft.h"
#include "config/guesses.h"
#include "config/inference_yml.h"
#include "config/lane_plan.h"
#include "config/model_files.h"
#include "config/model_input.h"
#include "config/parse.h"
#include "config/paths.h"
#include "config/pipeline.h"
#include "config/postprocess_keys.h"
#include "core/allowed_cpus.h"
#include "ppinfer/error.h"
#include "ppinfer/model_place.h"

namespace ppinfer {
namespace {

constexpr std::size_t kMaxConfigBytes = 1 << 20;

// The text of the last layer that sets the key; empty: none does.
std::string last_text(const std::string& key, const ConfigLayer& file, const ConfigLayer& overrides) {
  for (const ConfigLayer* layer : {&overrides, &file}) {
    if (const Assignment* assignment = layer->find(key)) return assignment->text;
  }
  return "";
}

}  // namespace

class ConfigBuilder {
 public:
  void parse_file(const std::string& path) {
    file_path_ = path;
    if (is_folder(path)) {
      throw ConfigError({path + ": is a folder, expected a config file; set model_dir to an exported model's folder"});
    }
    if (model_place(path).key == "cls_model_path") {
      throw ConfigError({path + ": is a model by its extension, expected a config file; give a model as -m " + path +
                         ", or by the key cls_model_path"});
    }
    if (!is_yaml_file_name(path)) {
      file_ = parse_config_text(read_text_file(path, kMaxConfigBytes), path, problems_);
      return;
    }
    ModelSpec deployment = read_deployment_yaml(path, problems_);
    file_ = std::move(deployment.layer);
    file_labels_ = std::move(deployment.labels);
  }

  Config build(const std::vector<Override>& overrides) {
    const ConfigLayer override_layer = parse_overrides(overrides, problems_);
    const std::string yml_path = find_inference_yml(last_text("model_dir", file_, override_layer),
                                                    last_text("cls_model_path", file_, override_layer));
    ModelSpec spec;
    if (!yml_path.empty()) spec = read_inference_yml(yml_path, problems_);
    for (const ConfigLayer* layer : {&std::as_const(spec.layer), &std::as_const(file_), &override_layer}) {
      draft_.apply(*layer, problems_);
    }
    std::vector<std::string> file_problems;
    config_.model_format_ = resolve_model_files(draft_, file_problems);
    ModelInput input;
    if (file_problems.empty()) {
      input = read_model_input(draft_.settings.cls_model_path, config_.model_format_);
      check_weights(draft_, file_problems);
    }
    settle_sizes(draft_, input.sides_px, file_name(draft_.settings.cls_model_path));
    check_settings(draft_, problems_);
    check_postprocess(draft_, problems_);
    problems_.insert(problems_.end(), file_problems.begin(), file_problems.end());
    if (!problems_.empty()) throw ConfigError(problems_);
    adopt_deployment_preprocessing(draft_, file_, config_.model_format_, file_name(file_path_));
    if (!file_labels_.empty()) {
      take_labels(std::move(file_labels_), LayerRank::kFile, file_name(file_path_));
    } else {
      take_labels(std::move(spec.labels), LayerRank::kModelSpec, "inference.yml");
    }
    plan_engine();
    const std::string notice = guess_notice(draft_, input, yml_path, file_path_);
    if (!notice.empty()) config_.notices_.push_back(notice);
    finish();
    return std::move(config_);
  }

 private:
  // A label_path that stands higher wins.
  void take_labels(std::vector<std::string> labels, LayerRank rank, const std::string& shown) {
    if (labels.empty() || draft_.origin("label_path").rank >= rank) return;
    draft_.settings.label_path.clear();
    config_.model_labels_ = std::move(labels);
    draft_.set_origin("label_path", {rank, shown + " (label_list)", ""});
  }

  void plan_engine() {
    const bool engine_given = draft_.given_by_user("engine");
    config_.legacy_engine_key_ = adopt_legacy_engine(draft_, config_.model_format_);
    LanePlan plan = plan_lanes(draft_, engine_given, allowed_cpu_count());
    config_.lanes_ = plan.lanes;
    lanes_from_ = plan.from;
    lanes_by_allowed_cpus_ = plan.by_allowed_cpus;
    config_.threads_per_lane_ = plan.threads_per_lane;
    config_.notices_ = std::move(plan.notices);
  }

  void finish() {
    config_.settings_ = draft_.settings;
    for (const ConfigField& field : field_table()) {
      const ValueOrigin& origin = draft_.origin(field.name);
      EffectiveValue row{
          field.name, field.print(draft_.settings), origin.shown, is_guessed(draft_, field), field.unit, origin.rank,
          origin.line};
      if (field.name == "lanes" && draft_.settings.lanes == 0) {
        row.text = std::to_string(config_.lanes_);
        row.origin += " (" + lanes_from_ + ")";
        row.of_this_machine = lanes_by_allowed_cpus_;
      }
      if (field.name == "threads_per_lane" && draft_.settings.threads_per_lane == 0) {
        row.text = std::to_string(config_.threads_per_lane_);
        row.origin += std::string(" (") + kByAllowedCpus + ")";
        row.of_this_machine = true;
      }
      config_.effective_.push_back(std::move(row));
    }
  }

  Config config_;
  std::string file_path_;
  std::string lanes_from_;
  bool lanes_by_allowed_cpus_ = false;
  ConfigLayer file_;
  std::vector<std::string> file_labels_;  // that stand in the file itself
  ConfigDraft draft_;
  std::vector<std::string> problems_;
};

Config Config::from_file(const std::string& path, const std::vector<Override>& overrides) {
  ConfigBuilder builder;
  builder.parse_file(path);
  return builder.build(overrides);
}

void Config::default_to_threshold(const std::string& origin) {
  const auto key = std::find_if(effective_.begin(), effective_.end(),
                                [](const EffectiveValue& value) { return value.key == "postprocess"; });
  if (key == effective_.end() || key->layer != LayerRank::kDefaults) return;
  settings_.postprocess = PostprocessOp::kThreshold;
  key->text = ValueText<PostprocessOp>::print(settings_.postprocess);
  key->origin = origin;
  key->layer = LayerRank::kModelFile;
}

Config Config::from_overrides(const std::vector<Override>& overrides) { return ConfigBuilder().build(overrides); }

Settings postprocess_settings(const std::vector<Override>& keys) {
  std::vector<std::string> problems;
  const ConfigLayer layer = parse_overrides(keys, problems);
  for (const Assignment& assignment : layer.assignments()) {
    if (is_postprocess_key(*assignment.field)) continue;
    problems.push_back(assignment.origin.place + ": " + assignment.field->name +
                       " has no effect: it has no key of postprocessing");
  }
  ConfigDraft draft;
  draft.apply(layer, problems);
  check_postprocess(draft, problems);
  if (!problems.empty()) throw ConfigError(problems);
  return draft.settings;
}

std::vector<PipelineStep> Config::pipeline() const { return pipeline_of(settings_, input_size()); }

Size Config::input_size() const {
  const Size exact{settings_.resize_width, settings_.resize_height};
  if (settings_.crop_size != Size{}) return settings_.crop_size;
  if (exact != Size{}) return exact;
  return {settings_.resize_short_size, settings_.resize_short_size};  // of the square that crop_ratio cut
}

}  // namespace ppinfer
