#include "config/pipeline.h"

#include <utility>

#include "config/field_table.h"
#include "config/postprocess_keys.h"

namespace ppinfer {
namespace {

std::string value_of(const Settings& settings, const char* key) { return find_field(key)->print(settings); }

std::string list_of(Size size_px) {
  return "[" + std::to_string(size_px.width) + ", " + std::to_string(size_px.height) + "]";
}

class Pipeline {
 public:
  explicit Pipeline(const Settings& settings) : settings_(settings) {}

  void add(const char* operation) { steps_.push_back({operation, ""}); }

  void say(const std::string& parameter, const std::string& value) {
    std::string& parameters = steps_.back().parameters;
    parameters += (parameters.empty() ? "" : ", ") + parameter + ": " + value;
  }
  void say_key(const char* parameter, const char* key) { say(parameter, value_of(settings_, key)); }
  void say_switch(const char* parameter, bool on) { say(parameter, on ? "true" : "false"); }
  void say_list(const char* parameter, const char* key) { say(parameter, "[" + value_of(settings_, key) + "]"); }

  std::vector<PipelineStep> take() { return std::move(steps_); }

 private:
  const Settings& settings_;
  std::vector<PipelineStep> steps_;
};

void add_preprocessing(const Settings& settings, Size input_px, Pipeline& pipeline) {
  pipeline.add("DecodeImage");
  pipeline.say_switch("to_rgb", settings.channel_order == ChannelOrder::kRgb);
  pipeline.say_key("decode", "decode");
  pipeline.say_switch("exif_rotate", settings.exif_rotate);
  if (settings.crop_ratio > 0) {
    pipeline.add("CropImageAtRatio");  // whose resize is the next operation here
    pipeline.say_key("ratio", "crop_ratio");
  }
  pipeline.add("ResizeImage");
  if (settings.resize_width > 0) {
    pipeline.say("size", list_of({settings.resize_width, settings.resize_height}));
  } else {
    pipeline.say_key("resize_short", "resize_short_size");
  }
  pipeline.say_key("interpolation", "interpolation");
  pipeline.say_key("backend", "resize_backend");
  if (settings.crop_size != Size{}) {
    pipeline.add("CropImage");
    pipeline.say("size", list_of(settings.crop_size));
  }
  pipeline.add("NormalizeImage");
  pipeline.say_key("scale", "scale");
  pipeline.say_list("mean", "mean");
  pipeline.say_list("std", "std");
  pipeline.say_key("channel_num", "channel_num");
  pipeline.say_switch("output_fp16", settings.round_to_fp16);
  pipeline.add("ToCHWImage");
  pipeline.say("gives", "[" + std::to_string(settings.channel_num) + ", " + std::to_string(input_px.height) + ", " +
                            std::to_string(input_px.width) + "]");
}

void add_postprocessing(const Settings& settings, Pipeline& pipeline) {
  for (const PostprocessKeys& row : postprocess_table()) {
    if (row.op != settings.postprocess) continue;
    pipeline.add(row.spec_name);
    for (const PostprocessParameter& parameter : row.parameters) {
      if (find_field(parameter.key)->group != FieldGroup::kPostprocess) continue;  // where the labels come from
      const std::string value = value_of(settings, parameter.key);
      if (!value.empty()) pipeline.say(parameter.spec_name, value);
    }
  }
  if (settings.softmax != SoftmaxUse::kOff) pipeline.say_key("softmax", "softmax");
  if (settings.save_dir.empty()) return;
  pipeline.add("SavePreLabel");
  pipeline.say_key("save_dir", "save_dir");
}

}  // namespace

std::vector<PipelineStep> pipeline_of(const Settings& settings, Size input_px) {
  Pipeline pipeline(settings);
  add_preprocessing(settings, input_px, pipeline);
  pipeline.add("model");
  pipeline.say("file", settings.cls_model_path);
  if (!settings.output_tensor.empty()) pipeline.say_key("output_tensor", "output_tensor");
  add_postprocessing(settings, pipeline);
  return pipeline.take();
}

}  // namespace ppinfer
