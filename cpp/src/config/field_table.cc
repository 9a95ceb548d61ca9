#include "config/field_table.h"

#include <type_traits>
#include <utility>

namespace ppinfer {
namespace {

using S = Settings;

constexpr int kMaxThreads = 1024;
// What OpenCV's decoders refuse by themselves (2^30 pixels): a larger cap would promise what can't be kept.
constexpr int kMaxPixelCap = 1 << 30;

template <class T>
T type_behind(T Settings::*);

// Calls `use` with the ValueText of the member's type and the member.
template <class Use>
auto with_member(const SettingsMember& member, Use use) {
  return std::visit([&](auto pointer) { return use(ValueText<decltype(type_behind(pointer))>{}, pointer); }, member);
}

// A row of the table: what every key has, then what only some have.
struct Row {
  ConfigField field;

  Row(const char* name, SettingsMember member, const char* default_text, const char* help)
      : field{name, FieldGroup::kModel, member, default_text, {}, "", help, false, false, false} {}
  Row& legacy() { return field.legacy = true, *this; }
  Row& plain_text() { return field.plain_text = true, *this; }
  Row& guessed() { return field.guessed_when_unset = true, *this; }
  Row& unit(const char* unit) { return field.unit = unit, *this; }
  Row& range(double min, double max) { return field.range = {min, max, false}, *this; }
  Row& positive() { return field.range = {0, NumberRange{}.max, true}, *this; }
};

std::vector<Row> model_keys() {
  return {
      Row("model_dir", &S::model_dir, "",
          "Folder of an exported model. Its model file, its weights and its inference.yml (preprocessing and labels; "
          "this file may say otherwise) are found in it."),
      Row("cls_model_path", &S::cls_model_path, "",
          "Model file, when model_dir doesn't say it: *.pdmodel, *.json (PIR), *.onnx or *.xml (OpenVINO IR).")
          .legacy(),
      Row("cls_params_path", &S::cls_params_path, "",
          "Weights of a *.pdmodel or *.json. Unset: the *.pdiparams of the same name beside it.")
          .legacy(),
      Row("label_path", &S::label_path, "",
          "File of class names, in UTF-8: one class a line (\"id name\", \"id,name\", \"name,id\", or just the name in "
          "the order of ids), CSV with a header, JSON, YAML or a Python dict (such as a list of names or id2label). "
          "Unset: the label_list of inference.yml, if there is one."),
      Row("label_delimiter", &S::label_delimiter, "",
          "What stands between id and name in the lines of label_path, such as \",\"; every line then needs its id. "
          "Unset: as the file's lines show.")
          .plain_text(),
      Row("class_num", &S::class_num, "0",
          "How many classes the model must have; another number is an error. 0: the model's own number is right.")
          .unit("classes")
          .range(0, 10'000'000),
      Row("output_tensor", &S::output_tensor, "",
          "Name of a tensor inside the model whose values take the place of its scores, such as its features for "
          "postprocess embedding; one of several outputs is chosen so, too. An image's values are one row, whatever "
          "the tensor's shape. class_num then isn't checked, and labels are used only if there are as many. ? is an "
          "error that lists the names. Unset: the model's output. Engine openvino, and engine paddle with a *.pdmodel.")
          .plain_text(),
  };
}

std::vector<Row> engine_keys() {
  return {
      Row("engine", &S::engine, "auto",
          "Library that runs the model. auto takes OpenVINO where it is installed and reads the model, else Paddle; it "
          "takes Paddle when one of use_gpu, use_mkldnn, use_tensorrt, use_fp16 and cpu_math_library_num_threads is "
          "set, which only mean something there."),
      Row("precision", &S::precision, "fp32",
          "Number format of the computation. bf16 is faster on CPUs that have it, at slightly different scores; "
          "int8 is for models that `ppinfer quantize` made."),
      Row("use_gpu", &S::use_gpu, "0", "Run on the GPU. This build of ppinfer runs on the CPU, so it must be 0.")
          .legacy(),
      Row("gpu_id", &S::gpu_id, "0", "Number of the GPU. Unused with use_gpu 0.").legacy().range(0, 1023),
      Row("gpu_mem", &S::gpu_mem, "4000", "GPU memory to set aside at the start. Unused with use_gpu 0.")
          .legacy()
          .unit("MB")
          .range(1, 10'000'000),
      Row("use_tensorrt", &S::use_tensorrt, "0", "Run through TensorRT. Needs use_gpu 1.").legacy(),
      Row("use_fp16", &S::use_fp16, "0", "Compute in fp16. Needs use_tensorrt 1.").legacy(),
      Row("use_mkldnn", &S::use_mkldnn, "1",
          "Engine paddle on the CPU: use oneDNN's kernels. Without them most models run several times slower.")
          .legacy(),
      Row("mkldnn_cache_capacity", &S::mkldnn_cache_capacity, "10",
          "Engine paddle on the CPU: how many input shapes oneDNN keeps prepared kernels for.")
          .unit("input shapes")
          .range(0, 100'000),
      Row("check_engine", &S::check_engine, "1",
          "Engine paddle: at load, run probe images through Paddle's plain executor too (no oneDNN, no fusing of "
          "operators), and refuse the model if the scores disagree beyond the precision's rounding. Models that are "
          "quantised aren't checked. 0: take the engine's scores unchecked."),
      Row("cpu_math_library_num_threads", &S::cpu_math_library_num_threads, "10",
          "Set, while engine and lanes are not: compute threads in total, one to a lane, and never more than the "
          "allowed CPUs. Otherwise lanes and threads_per_lane decide.")
          .legacy()
          .unit("threads")
          .range(1, kMaxThreads),
      Row("benchmark", &S::benchmark, "0",
          "Does nothing: PaddleClas' deployment timed its own work with it, and ppinfer always does.")
          .legacy(),
      Row("lanes", &S::lanes, "0",
          "Images are worked on by this many lanes at the same time, each with an engine instance of its own. 0: as "
          "many as keep the allowed CPUs (affinity and cgroup quota) busy.")
          .unit("lanes")
          .range(0, kMaxThreads),
      Row("threads_per_lane", &S::threads_per_lane, "1",
          "Compute threads of one lane's engine instance. 1 gives the most images a second; more answers a single "
          "image sooner. 0: the allowed CPUs, shared out to the lanes (with lanes 0: one lane has all).")
          .unit("threads")
          .range(0, kMaxThreads),
      Row("pin_lanes", &S::pin_lanes, "0",
          "Keep each lane on a CPU of its own while a folder or list of images is classified. Only done where the "
          "lanes are as many as the CPUs and threads_per_lane is 1. The system's scheduler mostly does as well, and "
          "better "
          "when something else runs on the machine."),
      Row("batch_size", &S::batch_size, "1", "Images that a lane hands to its engine at once.")
          .unit("images")
          .range(1, 1024),
      Row("model_cache_dir", &S::model_cache_dir, "",
          "Folder, made if it doesn't exist, in which engine openvino keeps compiled models, so that they load sooner "
          "the next time. One file for each combination of model content, version, CPU and options; delete it at any "
          "time. Used only if no user but you and root can write to the folder, because ppinfer runs the models in it. "
          "The folder may be read-only. Unset: nothing is kept."),
      Row("warmup", &S::warmup, "1",
          "Number of random batches, followed by one single image, that each engine instance runs at load, so that "
          "the first images and a last, smaller batch aren't slow. 0: no warm-up.")
          .unit("batches")
          .range(0, 1000),
  };
}

std::vector<Row> preprocess_keys() {
  return {
      Row("decode", &S::decode, "exact",
          "exact: the pixels of cv2.imread. fast: JPEGs that are resized to half or less are decoded at 1/2, 1/4 or "
          "1/8 "
          "of their size, several times sooner, with slightly different pixels and so scores."),
      Row("exif_rotate", &S::exif_rotate, "1", "Turn photos upright as their EXIF orientation says."),
      Row("max_pixels", &S::max_pixels, "89478485",
          "An image with more pixels in its file is refused before memory is taken for it. A lane takes 3 bytes a "
          "pixel in all; 6 if it turns a photo upright; at most 11 for a progressive JPEG and 12 for a TIFF in one "
          "strip. The default is 256 MiB of RGB, where Pillow begins to warn of decompression bombs; full-frame "
          "cameras have up to 61 million pixels.")
          .unit("px")
          .range(1, kMaxPixelCap),
      Row("crop_ratio", &S::crop_ratio, "0",
          "Before the resize, cut a square from the centre whose side is this share of the shorter side, such as "
          "224/256 (PaddleClas' CropImageAtRatio). 0: none.")
          .range(0, 1),
      Row("resize_short_size", &S::resize_short_size, "256",
          "Resize so that the shorter side has this length and the proportions stay. Setting it puts aside the "
          "resize_width and resize_height of inference.yml. Unset: 256/224 of the longer side of crop_size, rounded "
          "down. 0: unused.")
          .guessed()
          .legacy()
          .unit("px")
          .range(0, kMaxSidePx),
      Row("resize_width", &S::resize_width, "0",
          "Resize to exactly this width, together with resize_height. Puts aside resize_short_size, and crop_size too "
          "where that isn't set beside it. 0: unused.")
          .guessed()
          .unit("px")
          .range(0, kMaxSidePx),
      Row("resize_height", &S::resize_height, "0",
          "Resize to exactly this height, together with resize_width. 0: unused.")
          .guessed()
          .unit("px")
          .range(0, kMaxSidePx),
      Row("interpolation", &S::interpolation, "bilinear",
          "How the resize computes new pixels. Of resize_backend cv2: all but box and hamming; of pil: all but area.")
          .guessed(),
      Row("resize_backend", &S::resize_backend, "cv2",
          "Whose resize is reproduced: OpenCV's, or Pillow's, which looks at every pixel when it makes an image "
          "smaller "
          "and gives another result by the same name of interpolation. Take the one that the model was trained with.")
          .guessed(),
      Row("crop_size", &S::crop_size, "224",
          "Part cut from the centre after the resize, and so the model's input: one side for a square, or "
          "width,height. Unset: the model's input size if its file fixes one (images are stretched to a non-square "
          "one instead, unless resize_short_size is set), else 224. 0: no crop, which needs resize_width and "
          "resize_height.")
          .guessed()
          .legacy()
          .unit("px")
          .range(1, kMaxSidePx),
      Row("scale", &S::scale, "1.0/255.0",
          "Pixels (0 to 255) are multiplied by this before mean and std: (pixel * scale - mean) / std.")
          .guessed()
          .positive(),
      Row("mean", &S::mean, "0.485,0.456,0.406", "Mean of each channel, in channel_order.").guessed(),
      Row("std", &S::std, "0.229,0.224,0.225", "Standard deviation of each channel, in channel_order.")
          .guessed()
          .positive(),
      Row("channel_order", &S::channel_order, "rgb", "Order of the colour channels that the model was trained with.")
          .guessed(),
      Row("channel_num", &S::channel_num, "3",
          "Channels of the model's input. 4: the three colours, and a fourth channel of zeros, as some models for GPUs "
          "want it.")
          .unit("channels")
          .range(3, 4),
      Row("round_to_fp16", &S::round_to_fp16, "0",
          "Round the model's input to fp16, for models that were exported with such an input (PaddleClas' "
          "output_fp16)."),
  };
}

std::vector<Row> postprocess_keys() {
  return {
      Row("postprocess", &S::postprocess, "topk",
          "What becomes of the model's scores. topk: the best classes. threshold: one class, if it is sure enough. "
          "multilabel: every class that reaches threshold, in the order of ids. person_attribute, vehicle_attribute: "
          "the texts and flags of PaddleClas' models of these names. score: the scores alone. embedding: the vector of "
          "a feature model, scaled to length 1."),
      Row("topk", &S::topk, "5", "How many of the best classes a result holds; all of them when the model has fewer.")
          .unit("classes")
          .range(1, 100'000),
      Row("threshold", &S::threshold, "0.5",
          "postprocess threshold: a model with two classes, or with one output (the score of class 1), answers class "
          "1 if that score is at least this value, else class 0. A model with more classes answers its best class if "
          "the score is above this value, else default_label_index. multilabel: classes with at least this score. "
          "person_attribute: attributes above it."),
      Row("default_label_index", &S::default_label_index, "0",
          "postprocess threshold: id of the class to name when no class is sure enough; unused by models of two "
          "classes.")
          .range(0, 10'000'000),
      Row("label_0", &S::label_0, "",
          "postprocess threshold, models of two classes: name of class 0. Unset: as label_path or inference.yml says, "
          "else 0.")
          .plain_text(),
      Row("label_1", &S::label_1, "",
          "postprocess threshold, models of two classes: name of class 1. Unset: as label_path or inference.yml says, "
          "else 1.")
          .plain_text(),
      Row("glasses_threshold", &S::glasses_threshold, "0.3", "postprocess person_attribute: glasses above this score."),
      Row("hold_threshold", &S::hold_threshold, "0.6",
          "postprocess person_attribute: holds objects in front above this score."),
      Row("color_threshold", &S::color_threshold, "0.5",
          "postprocess vehicle_attribute: the best colour is named from this score on."),
      Row("type_threshold", &S::type_threshold, "0.5",
          "postprocess vehicle_attribute: the best type is named from this score on."),
      Row("decimal_places", &S::decimal_places, "-1", "postprocess score: round to so many decimals. -1: don't round.")
          .unit("decimals")
          .range(-1, 9),
      Row("softmax", &S::softmax, "off",
          "Turn the model's scores into probabilities first, for postprocess topk, threshold and score. off is what "
          "PaddleClas does: models are exported with their softmax. auto: only where the model lacks it. For a model "
          "with one output, postprocess threshold applies a sigmoid instead; a raw output gets it even with off."),
      Row("save_dir", &S::save_dir, "",
          "Copy each image file to save_dir/<id of its best class>/. A file of the same name that is another image is "
          "kept: the copy gets a number. Unset: no copies."),
  };
}

std::vector<ConfigField> make_table() {
  std::vector<ConfigField> table;
  const auto add = [&table](FieldGroup group, const std::vector<Row>& rows) {
    for (const Row& row : rows) {
      table.push_back(row.field);
      table.back().group = group;
    }
  };
  add(FieldGroup::kModel, model_keys());
  add(FieldGroup::kEngine, engine_keys());
  add(FieldGroup::kPreprocess, preprocess_keys());
  add(FieldGroup::kPostprocess, postprocess_keys());
  return table;
}

}  // namespace

const char* to_string(FieldGroup group) {
  switch (group) {
    case FieldGroup::kModel:
      return "model";
    case FieldGroup::kEngine:
      return "engine";
    case FieldGroup::kPreprocess:
      return "preprocess";
    case FieldGroup::kPostprocess:
      return "postprocess";
  }
  return "";
}

bool ConfigField::parse(std::string_view text, Settings& settings) const {
  return with_member(member, [&](auto type, auto pointer) { return type.parse(text, range, settings.*pointer); });
}

std::string ConfigField::print(const Settings& settings) const {
  return with_member(member, [&](auto type, auto pointer) { return type.print(settings.*pointer); });
}

std::string ConfigField::type_name() const {
  if (plain_text) return "text";
  return with_member(member, [](auto type, auto) { return type.type_name(); });
}

std::string ConfigField::expected() const {
  if (plain_text) return "a text";
  return with_member(member, [&](auto type, auto) { return type.expected(range); });
}

const std::vector<ConfigField>& field_table() {
  static const std::vector<ConfigField> table = make_table();
  return table;
}

const ConfigField* find_field(std::string_view name) {
  if (name == "cpu_threads") name = "cpu_math_library_num_threads";  // its name since PaddleClas 2.3
  for (const ConfigField& field : field_table()) {
    if (name == field.name) return &field;
  }
  return nullptr;
}

std::vector<std::string> field_names() {
  std::vector<std::string> names;
  for (const ConfigField& field : field_table()) names.emplace_back(field.name);
  return names;
}

std::vector<FieldInfo> config_fields() {
  std::vector<FieldInfo> fields;
  for (const ConfigField& field : field_table()) {
    fields.push_back({field.name, to_string(field.group), field.type_name(), field.default_text, field.expected(),
                      field.unit, field.help, field.legacy});
  }
  return fields;
}

}  // namespace ppinfer
