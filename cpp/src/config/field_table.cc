#include "config/field_table.h"

#include <type_traits>
#include <utility>

#include "core/message_text.h"

namespace ppinfer {
namespace {

using S = Settings;
using E = KeyEffect;

constexpr const char* kUnitless = "";
constexpr int kMaxThreads = 1024;
// What OpenCV's decoders refuse by themselves (2^30 pixels): a larger cap would promise what can't be kept.
constexpr int kMaxPixelCap = 1 << 30;

template <class T>
constexpr bool kIsNumber = std::is_same_v<T, int> || std::is_same_v<T, std::int64_t> || std::is_same_v<T, double> ||
                           std::is_same_v<T, std::vector<double>> || std::is_same_v<T, Size>;

// A row of the table: what every key has, then what only some have.
struct Row {
  ConfigField field;

  template <class T>
  Row(const char* name, T Settings::*member, const char* default_value, KeyEffect effect, const char* help)
      : Row(name, member, default_value, effect, help, kUnitless) {
    static_assert(!kIsNumber<T>, "a number has a unit, or is kUnitless");
  }
  template <class T>
  Row(const char* name, T Settings::*member, const char* default_value, const char* unit, KeyEffect effect,
      const char* help)
      : Row(name, member, default_value, effect, help, unit) {}
  Row& legacy() { return field.legacy = true, *this; }
  Row& plain_text() { return field.plain_text = true, *this; }
  Row& guessed() { return field.guessed_when_unset = true, *this; }
  Row& names_model() { return field.names_model = true, *this; }
  Row& of_one_model() { return field.of_one_model = true, *this; }
  Row& paddle_only() { return field.paddle_only = true, *this; }
  Row& chooses_paddle() { return field.paddle_only = field.chooses_paddle = true, *this; }
  Row& tuned() { return field.tuned = true, *this; }
  Row& former_name(const char* name) { return field.former_name = name, *this; }
  Row& range(double min, double max) { return field.range = {min, max, false}, *this; }
  Row& positive() { return field.range = {0, NumberRange{}.max, true}, *this; }

 private:
  Row(const char* name, SettingsMember member, const char* default_value, KeyEffect effect, const char* help,
      const char* unit) {
    field.name = name;
    field.member = member;
    field.default_value = default_value;
    field.effect = effect;
    field.help = help;
    field.unit = unit;
  }
};

std::vector<Row> model_keys() {
  return {
      Row("model_dir", &S::model_dir, "", E::kLogits,
          "Folder of an exported model. Its model file, its weights and its inference.yml (preprocessing and labels; "
          "this file may say otherwise) are found in it.")
          .names_model()
          .of_one_model(),
      Row("cls_model_path", &S::cls_model_path, "", E::kLogits,
          "Model file, when model_dir doesn't say it: *.pdmodel, *.json (PIR), *.onnx or *.xml (OpenVINO IR).")
          .legacy()
          .names_model()
          .of_one_model(),
      Row("cls_params_path", &S::cls_params_path, "", E::kLogits,
          "Weights of a *.pdmodel or *.json. Unset: the *.pdiparams of the same name beside it.")
          .legacy()
          .of_one_model(),
      Row("label_path", &S::label_path, "", E::kClasses,
          "File of class names, in UTF-8: one class a line (\"id name\", \"id,name\", \"name,id\", or just the name in "
          "the order of ids), CSV with a header, JSON, YAML or a Python dict (such as a list of names or id2label). "
          "Unset: the label_list of inference.yml, if there is one.")
          .of_one_model(),
      Row("label_delimiter", &S::label_delimiter, "", E::kClasses,
          "What stands between id and name in the lines of label_path, such as \",\"; every line then needs its id. "
          "Unset: as the file's lines show.")
          .plain_text(),
      Row("class_num", &S::class_num, "0", "classes", E::kClasses,
          "How many classes the model must have; another number is an error. 0: the model's own number is right.")
          .range(0, 10'000'000),
      Row("output_tensor", &S::output_tensor, "", E::kLogits,
          "Name of a tensor inside the model whose values take the place of its scores, such as its features for "
          "postprocess embedding; one of several outputs is chosen so, too. An image's values are one row, whatever "
          "the tensor's shape. class_num then isn't checked, and labels are used only if there are as many. ? is an "
          "error that lists the names. Unset: the model's output. Engine openvino, and engine paddle with a *.pdmodel.")
          .plain_text(),
  };
}

std::vector<Row> engine_keys() {
  return {
      Row("engine", &S::engine, "auto", E::kLogits,
          "Library that runs the model. auto takes OpenVINO where it is installed and reads the model, else Paddle; it "
          "takes Paddle when %s is set, as only Paddle uses these.")
          .of_one_model()
          .tuned(),
      Row("precision", &S::precision, "fp32", E::kLogits,
          "Number format of the computation. bf16 is faster on CPUs that have it, at slightly different scores; "
          "int8 is for models that `ppinfer quantize` made.")
          .of_one_model()
          .tuned(),
      Row("use_gpu", &S::use_gpu, "0", E::kLogits,
          "Run on the GPU. This build of ppinfer runs on the CPU, so it must be 0.")
          .legacy()
          .chooses_paddle(),
      Row("gpu_id", &S::gpu_id, "0", kUnitless, E::kSpeed, "Number of the GPU. Unused with use_gpu 0.")
          .legacy()
          .range(0, 1023)
          .paddle_only(),
      Row("gpu_mem", &S::gpu_mem, "4000", "MB", E::kSpeed,
          "GPU memory to set aside at the start. Unused with use_gpu 0.")
          .legacy()
          .range(1, 10'000'000)
          .paddle_only(),
      Row("use_tensorrt", &S::use_tensorrt, "0", E::kLogits, "Run through TensorRT. Needs use_gpu 1.")
          .legacy()
          .chooses_paddle(),
      Row("use_fp16", &S::use_fp16, "0", E::kLogits, "Compute in fp16. Needs use_tensorrt 1.")
          .legacy()
          .chooses_paddle(),
      Row("use_mkldnn", &S::use_mkldnn, "1", E::kLogits,
          "Engine paddle on the CPU: use oneDNN's kernels. Without them most models run several times slower.")
          .legacy()
          .of_one_model()
          .chooses_paddle(),
      Row("mkldnn_cache_capacity", &S::mkldnn_cache_capacity, "10", "input shapes", E::kSpeed,
          "Engine paddle on the CPU: how many input shapes oneDNN keeps prepared kernels for.")
          .range(0, 100'000)
          .paddle_only(),
      Row("check_engine", &S::check_engine, "1", E::kSpeed,
          "Engine paddle: at load, run probe images through Paddle's plain executor too (no oneDNN, no fusing of "
          "operators), and refuse the model if the scores disagree beyond the precision's rounding. Models that are "
          "quantised aren't checked. 0: take the engine's scores unchecked.")
          .paddle_only(),
      Row("cpu_math_library_num_threads", &S::cpu_math_library_num_threads, "10", "threads", E::kSpeed,
          "Set, while engine and lanes are not: compute threads in total, one to a lane, and never more than the "
          "allowed CPUs. Otherwise lanes and threads_per_lane decide.")
          .legacy()
          .range(1, kMaxThreads)
          .chooses_paddle()
          .former_name("cpu_threads"),
      Row("benchmark", &S::benchmark, "0", E::kNothing,
          "Does nothing: PaddleClas' deployment timed its own work with it, and ppinfer always does.")
          .legacy(),
      Row("lanes", &S::lanes, "0", "lanes", E::kSpeed,
          "Images are worked on by this many lanes at the same time, each with an engine instance of its own. 0: as "
          "many as keep the allowed CPUs (affinity and cgroup quota) busy.")
          .range(0, kMaxThreads)
          .tuned(),
      Row("threads_per_lane", &S::threads_per_lane, "1", "threads", E::kSpeed,
          "Compute threads of one lane's engine instance. 1 gives the most images a second; more answers a single "
          "image sooner. 0: the allowed CPUs, shared out to the lanes (with lanes 0: one lane has all).")
          .range(0, kMaxThreads)
          .tuned(),
      Row("pin_lanes", &S::pin_lanes, "0", E::kSpeed,
          "Keep each lane on a CPU of its own while a folder or list of images is classified. Only done where the "
          "lanes are as many as the CPUs and threads_per_lane is 1. The system's scheduler mostly does as well, and "
          "better "
          "when something else runs on the machine."),
      Row("batch_size", &S::batch_size, "1", "images", E::kLogits, "Images that a lane hands to its engine at once.")
          .range(1, 1024)
          .tuned(),
      Row("model_cache_dir", &S::model_cache_dir, "", E::kSpeed,
          "Folder, made if it doesn't exist, in which engine openvino keeps compiled models, so that they load sooner "
          "the next time. One file for each combination of model content, version, CPU and options; delete it at any "
          "time. Used only if no user but you and root can write to the folder, because ppinfer runs the models in it. "
          "The folder may be read-only. Unset: nothing is kept."),
      Row("warmup", &S::warmup, "1", "batches", E::kSpeed,
          "Number of random batches, followed by one single image, that each engine instance runs at load, so that "
          "the first images and a last, smaller batch aren't slow. 0: no warm-up.")
          .range(0, 1000),
  };
}

std::vector<Row> preprocess_keys() {
  return {
      Row("decode", &S::decode, "exact", E::kDecoded,
          "exact: the pixels of cv2.imread. fast: JPEGs that are resized to half or less are decoded at 1/2, 1/4 or "
          "1/8 "
          "of their size, several times sooner, with slightly different pixels and so scores.")
          .tuned(),
      Row("exif_rotate", &S::exif_rotate, "1", E::kDecoded, "Turn photos upright as their EXIF orientation says."),
      Row("max_pixels", &S::max_pixels, "89478485", "px", E::kDecoded,
          "An image with more pixels in its file is refused before memory is taken for it. A lane takes 3 bytes a "
          "pixel in all; 6 if it turns a photo upright; at most 11 for a progressive JPEG and 12 for a TIFF in one "
          "strip. The default is 256 MiB of RGB, where Pillow begins to warn of decompression bombs; full-frame "
          "cameras have up to 61 million pixels.")
          .range(1, kMaxPixelCap),
      Row("crop_ratio", &S::crop_ratio, "0", kUnitless, E::kResized,
          "Before the resize, cut a square from the centre whose side is this share of the shorter side, such as "
          "224/256 (PaddleClas' CropImageAtRatio). 0: none.")
          .range(0, 1),
      Row("resize_short_size", &S::resize_short_size, "256", "px", E::kResized,
          "Resize so that the shorter side has this length and the proportions stay. Setting it puts aside the "
          "resize_width and resize_height of inference.yml. Unset: 256/224 of the longer side of crop_size, rounded "
          "down. 0: unused.")
          .guessed()
          .legacy()
          .range(0, kMaxSidePx),
      Row("resize_width", &S::resize_width, "0", "px", E::kResized,
          "Resize to exactly this width, together with resize_height. Puts aside resize_short_size, and crop_size too "
          "where that isn't set beside it. 0: unused.")
          .guessed()
          .range(0, kMaxSidePx),
      Row("resize_height", &S::resize_height, "0", "px", E::kResized,
          "Resize to exactly this height, together with resize_width. 0: unused.")
          .guessed()
          .range(0, kMaxSidePx),
      Row("interpolation", &S::interpolation, "bilinear", E::kResized,
          "How the resize computes new pixels. Of resize_backend cv2: all but box and hamming; of pil: all but area.")
          .guessed(),
      Row("resize_backend", &S::resize_backend, "cv2", E::kResized,
          "Whose resize is reproduced: OpenCV's, or Pillow's, which looks at every pixel when it makes an image "
          "smaller "
          "and gives another result by the same name of interpolation. Take the one that the model was trained with.")
          .guessed(),
      Row("crop_size", &S::crop_size, "224", "px", E::kResized,
          "Part cut from the centre after the resize, and so the model's input: one side for a square, or "
          "width,height. Unset: the model's input size if its file fixes one (images are stretched to a non-square "
          "one instead, unless resize_short_size is set), else 224. 0: no crop, which needs resize_width and "
          "resize_height.")
          .guessed()
          .legacy()
          .range(1, kMaxSidePx),
      Row("scale", &S::scale, "1.0/255.0", kUnitless, E::kTensor,
          "Pixels (0 to 255) are multiplied by this before mean and std: (pixel * scale - mean) / std.")
          .guessed()
          .positive(),
      Row("mean", &S::mean, "0.485,0.456,0.406", kUnitless, E::kTensor, "Mean of each channel, in channel_order.")
          .guessed(),
      Row("std", &S::std, "0.229,0.224,0.225", kUnitless, E::kTensor,
          "Standard deviation of each channel, in channel_order.")
          .guessed()
          .positive(),
      Row("channel_order", &S::channel_order, "rgb", E::kTensor,
          "Order of the colour channels that the model was trained with.")
          .guessed(),
      Row("channel_num", &S::channel_num, "3", "channels", E::kTensor,
          "Channels of the model's input. 4: the three colours, and a fourth channel of zeros, as some models for GPUs "
          "want it.")
          .range(3, 4),
      Row("round_to_fp16", &S::round_to_fp16, "0", E::kTensor,
          "Round the model's input to fp16, for models that were exported with such an input (PaddleClas' "
          "output_fp16)."),
  };
}

std::vector<Row> postprocess_keys() {
  return {
      Row("postprocess", &S::postprocess, "topk", E::kResult,
          "What becomes of the model's scores. topk: the best classes. threshold: one class, if it is sure enough. "
          "multilabel: every class that reaches threshold, in the order of ids. person_attribute, vehicle_attribute: "
          "the texts and flags of PaddleClas' models of these names. score: the scores alone. embedding: the vector of "
          "a feature model, scaled to length 1."),
      Row("topk", &S::topk, "5", "classes", E::kResult,
          "How many of the best classes a result holds; all of them when the model has fewer.")
          .range(1, 100'000),
      Row("threshold", &S::threshold, "0.5", kUnitless, E::kResult,
          "postprocess threshold: a model with two classes, or with one output (the score of class 1), answers class "
          "1 if that score is at least this value, else class 0. A model with more classes answers its best class if "
          "the score is above this value, else default_label_index. multilabel: classes with at least this score. "
          "person_attribute: attributes above it."),
      Row("default_label_index", &S::default_label_index, "0", kUnitless, E::kResult,
          "postprocess threshold: id of the class to name when no class is sure enough; unused by models of two "
          "classes.")
          .range(0, 10'000'000),
      Row("label_0", &S::label_0, "", E::kResult,
          "postprocess threshold, models of two classes: name of class 0. Unset: as label_path or inference.yml says, "
          "else 0.")
          .plain_text(),
      Row("label_1", &S::label_1, "", E::kResult,
          "postprocess threshold, models of two classes: name of class 1. Unset: as label_path or inference.yml says, "
          "else 1.")
          .plain_text(),
      Row("glasses_threshold", &S::glasses_threshold, "0.3", kUnitless, E::kResult,
          "postprocess person_attribute: glasses above this score."),
      Row("hold_threshold", &S::hold_threshold, "0.6", kUnitless, E::kResult,
          "postprocess person_attribute: holds objects in front above this score."),
      Row("color_threshold", &S::color_threshold, "0.5", kUnitless, E::kResult,
          "postprocess vehicle_attribute: the best colour is named from this score on."),
      Row("type_threshold", &S::type_threshold, "0.5", kUnitless, E::kResult,
          "postprocess vehicle_attribute: the best type is named from this score on."),
      Row("decimal_places", &S::decimal_places, "-1", "decimals", E::kResult,
          "postprocess score: round to so many decimals. -1: don't round.")
          .range(-1, 9),
      Row("softmax", &S::softmax, "off", E::kResult,
          "Turn the model's scores into probabilities first, for postprocess topk, threshold and score. off is what "
          "PaddleClas does: models are exported with their softmax. auto: only where the model lacks it. For a model "
          "with one output, postprocess threshold applies a sigmoid instead; a raw output gets it even with off."),
      Row("save_dir", &S::save_dir, "", E::kOutput,
          "Copy each image file to save_dir/<id of its best class>/. A file of the same name that is another image is "
          "kept: the copy gets a number. Unset: no copies."),
  };
}

// "%s" in a help text stands for the keys that choose Paddle.
void name_keys_that_choose_paddle(std::vector<ConfigField>& table) {
  std::vector<std::string> names;
  for (const ConfigField& field : table) {
    if (field.chooses_paddle) names.push_back(field.name);
  }
  for (ConfigField& field : table) {
    if (const auto place = field.help.find("%s"); place != std::string::npos) {
      field.help.replace(place, 2, either_of(names));
    }
  }
}

std::vector<ConfigField> make_table() {
  std::vector<ConfigField> table;
  const auto add = [&table](FieldGroup group, const std::vector<Row>& rows) {
    for (const Row& row : rows) {
      table.push_back(row.field);
      table.back().group = group;
      table.back().derive_columns();
    }
  };
  add(FieldGroup::kModel, model_keys());
  add(FieldGroup::kEngine, engine_keys());
  add(FieldGroup::kPreprocess, preprocess_keys());
  add(FieldGroup::kPostprocess, postprocess_keys());
  name_keys_that_choose_paddle(table);
  return table;
}

}  // namespace

const std::vector<ConfigField>& field_table() {
  static const std::vector<ConfigField> table = make_table();
  return table;
}

const ConfigField* find_field(std::string_view name) {
  if (name.empty()) return nullptr;
  for (const ConfigField& field : field_table()) {
    if (name == field.name || name == field.former_name) return &field;
  }
  return nullptr;
}

std::vector<std::string> field_names() {
  std::vector<std::string> names;
  for (const ConfigField& field : field_table()) names.emplace_back(field.name);
  return names;
}

}  // namespace ppinfer
