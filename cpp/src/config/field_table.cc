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
// The limit of OpenCV's own decoders (2^30 pixels), so that a larger cap would have no effect.
constexpr int kMaxPixelCap = 1 << 30;

template <class T>
constexpr bool kIsNumber = std::is_same_v<T, int> || std::is_same_v<T, std::int64_t> || std::is_same_v<T, double> ||
                           std::is_same_v<T, std::vector<double>> || std::is_same_v<T, Size>;

// A row of the table: first the columns of every key, then the columns of some.
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
          "Folder of an exported model, with the model file, its weights and its inference.yml (preprocessing and "
          "labels, which this file can override).")
          .names_model()
          .of_one_model(),
      Row("cls_model_path", &S::cls_model_path, "", E::kLogits,
          "Model file, instead of model_dir: *.pdmodel, *.json (PIR), *.onnx or *.xml (OpenVINO IR).")
          .legacy()
          .names_model()
          .of_one_model(),
      Row("cls_params_path", &S::cls_params_path, "", E::kLogits,
          "Weights of a *.pdmodel or *.json. Unset: the *.pdiparams of the same name in the same folder.")
          .legacy()
          .of_one_model(),
      Row("label_path", &S::label_path, "", E::kClasses,
          "File of class names, in UTF-8: one class a line (\"id name\", \"id,name\", \"name,id\", or only names in "
          "the "
          "order of ids), CSV with a header, JSON, YAML or a Python dict (such as a list of names or id2label). "
          "Unset: the label_list of inference.yml, if there is one.")
          .of_one_model(),
      Row("label_delimiter", &S::label_delimiter, "", E::kClasses,
          "Separator of id and name in the lines of label_path, such as \",\". Every line then needs an id. Unset: "
          "detected from the lines.")
          .plain_text(),
      Row("class_num", &S::class_num, "0", "classes", E::kClasses,
          "Number of classes that the model must have; another number is an error. 0: any number.")
          .range(0, 10'000'000),
      Row("output_tensor", &S::output_tensor, "", E::kLogits,
          "Tensor of the model to use instead of the scores, by name: features for postprocess embedding, or one of "
          "several outputs. The values of an image are one row, for every shape of the tensor. class_num isn't "
          "checked, and labels are used only if their number matches. The value ? gives an error that lists the names. "
          "Unset: the model's output. Needs engine openvino, or engine paddle with a *.pdmodel.")
          .plain_text(),
  };
}

std::vector<Row> engine_keys() {
  return {
      Row("engine", &S::engine, "auto", E::kLogits,
          "Library that runs the model. auto: OpenVINO if it is installed and reads the model, else Paddle; Paddle "
          "also "
          "if %s is set, because only Paddle uses these keys.")
          .of_one_model()
          .tuned(),
      Row("precision", &S::precision, "fp32", E::kLogits,
          "Number format of the computation. bf16 is faster on CPUs with BF16 instructions, with slightly different "
          "scores. int8 needs a model from `ppinfer quantize`.")
          .of_one_model()
          .tuned(),
      Row("use_gpu", &S::use_gpu, "0", E::kLogits,
          "Run on the GPU. Must be 0: this build of ppinfer runs on the CPU only.")
          .legacy()
          .chooses_paddle(),
      Row("gpu_id", &S::gpu_id, "0", kUnitless, E::kSpeed, "Number of the GPU. Used only with use_gpu 1.")
          .legacy()
          .range(0, 1023)
          .paddle_only(),
      Row("gpu_mem", &S::gpu_mem, "4000", "MB", E::kSpeed,
          "GPU memory to reserve at the start. Used only with use_gpu 1.")
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
          "Engine paddle on the CPU: use oneDNN's kernels. Most models are several times slower without oneDNN.")
          .legacy()
          .of_one_model()
          .chooses_paddle(),
      Row("mkldnn_cache_capacity", &S::mkldnn_cache_capacity, "10", "input shapes", E::kSpeed,
          "Engine paddle on the CPU: number of input shapes for which oneDNN caches kernels.")
          .range(0, 100'000)
          .paddle_only(),
      Row("check_engine", &S::check_engine, "1", E::kSpeed,
          "Engine paddle: at load, also run probe images through Paddle's plain executor (no oneDNN, no operator "
          "fusion), and refuse the model if the scores disagree beyond the precision's rounding. Quantised models are "
          "not checked. 0: no check.")
          .paddle_only(),
      Row("cpu_math_library_num_threads", &S::cpu_math_library_num_threads, "10", "threads", E::kSpeed,
          "Compute threads in total, one for each lane, at most the allowed CPUs. Used only if engine and lanes are "
          "unset; otherwise lanes and threads_per_lane decide.")
          .legacy()
          .range(1, kMaxThreads)
          .chooses_paddle()
          .former_name("cpu_threads"),
      Row("benchmark", &S::benchmark, "0", E::kNothing,
          "Has no effect: this key turned on timing in PaddleClas' deployment, and ppinfer always measures time.")
          .legacy(),
      Row("lanes", &S::lanes, "0", "lanes", E::kSpeed,
          "Number of lanes. A lane is a thread that reads, decodes, preprocesses and classifies its own batch of "
          "images "
          "with its own engine instance. 0: enough lanes for the allowed CPUs (affinity and cgroup quota).")
          .range(0, kMaxThreads)
          .tuned(),
      Row("threads_per_lane", &S::threads_per_lane, "1", "threads", E::kSpeed,
          "Compute threads of one lane's engine instance. 1 gives the highest throughput; more threads give a lower "
          "latency for a single image. 0: the allowed CPUs divided by the lanes (with lanes 0: all CPUs for one lane).")
          .range(0, kMaxThreads)
          .tuned(),
      Row("pin_lanes", &S::pin_lanes, "0", E::kSpeed,
          "Pin each lane to one CPU while a folder or list of images is classified. Has an effect only if the number "
          "of lanes equals the number of CPUs and threads_per_lane is 1. The system's scheduler is mostly as fast, and "
          "faster when other programs run on the machine."),
      Row("batch_size", &S::batch_size, "1", "images", E::kLogits, "Number of images in one batch of a lane.")
          .range(1, 1024)
          .tuned(),
      Row("model_cache_dir", &S::model_cache_dir, "", E::kSpeed,
          "Folder for engine openvino's compiled models, which load faster the next time; made if it doesn't exist. "
          "Has one file for each combination of model content, version, CPU and options; each file can be deleted at "
          "any time. Used only if no user except you and root can write to the folder, because ppinfer runs the models "
          "in the folder. May be read-only. Unset: no cache."),
      Row("warmup", &S::warmup, "1", "batches", E::kSpeed,
          "Random batches that each engine instance runs at load, followed by one single image, so that the first "
          "batches and a smaller last batch run at full speed. 0: no warm-up.")
          .range(0, 1000),
  };
}

std::vector<Row> preprocess_keys() {
  return {
      Row("decode", &S::decode, "exact", E::kDecoded,
          "Precision of decoding. exact: the pixels of cv2.imread. fast: decode a JPEG that is resized to half or less "
          "at 1/2, 1/4 or 1/8 of its size, several times faster, with slightly different pixels and scores.")
          .tuned(),
      Row("exif_rotate", &S::exif_rotate, "1", E::kDecoded, "Rotate photos by their EXIF orientation."),
      Row("max_pixels", &S::max_pixels, "89478485", "px", E::kDecoded,
          "Maximum number of pixels of an image file. A larger image is refused before memory is allocated. A lane "
          "needs 3 bytes a pixel; 6 to rotate a photo; at most 11 for a progressive JPEG and 12 for a TIFF in one "
          "strip. The default is 256 MiB of RGB, the size at which Pillow warns of decompression bombs; full-frame "
          "cameras have up to 61 million pixels.")
          .range(1, kMaxPixelCap),
      Row("crop_ratio", &S::crop_ratio, "0", kUnitless, E::kResized,
          "Before the resize, crop a square from the centre with this share of the shorter side, such as 224/256 "
          "(PaddleClas' CropImageAtRatio). 0: no crop.")
          .range(0, 1),
      Row("resize_short_size", &S::resize_short_size, "256", "px", E::kResized,
          "Resize the shorter side to this length and keep the proportions. Overrides resize_width and resize_height "
          "of inference.yml. Unset: 256/224 of the longer side of crop_size, rounded down. 0: unused.")
          .guessed()
          .legacy()
          .range(0, kMaxSidePx),
      Row("resize_width", &S::resize_width, "0", "px", E::kResized,
          "Resize to exactly this width; needs resize_height. Overrides resize_short_size, and also crop_size unless "
          "crop_size is set in the same place. 0: unused.")
          .guessed()
          .range(0, kMaxSidePx),
      Row("resize_height", &S::resize_height, "0", "px", E::kResized,
          "Resize to exactly this height; needs resize_width. 0: unused.")
          .guessed()
          .range(0, kMaxSidePx),
      Row("interpolation", &S::interpolation, "bilinear", E::kResized,
          "Filter of the resize. resize_backend cv2 has all filters except box and hamming; pil has all except area.")
          .guessed(),
      Row("resize_backend", &S::resize_backend, "cv2", E::kResized,
          "Library whose resize is reproduced: OpenCV or Pillow. Pillow uses every pixel when it makes an image "
          "smaller, and so differs from OpenCV at the same interpolation. Use the library of the model's training.")
          .guessed(),
      Row("crop_size", &S::crop_size, "224", "px", E::kResized,
          "Size of the centre crop after the resize, which is the model's input: one side for a square, or "
          "width,height. Unset: the input size that the model's file fixes, else 224; images are stretched to a "
          "non-square input size instead of cropped, unless resize_short_size is set. 0: no crop, which needs "
          "resize_width and resize_height.")
          .guessed()
          .legacy()
          .range(1, kMaxSidePx),
      Row("scale", &S::scale, "1.0/255.0", kUnitless, E::kTensor,
          "Factor of the pixels (0 to 255) before mean and std: (pixel * scale - mean) / std.")
          .guessed()
          .positive(),
      Row("mean", &S::mean, "0.485,0.456,0.406", kUnitless, E::kTensor, "Mean of each channel, in channel_order.")
          .guessed(),
      Row("std", &S::std, "0.229,0.224,0.225", kUnitless, E::kTensor,
          "Standard deviation of each channel, in channel_order.")
          .guessed()
          .positive(),
      Row("channel_order", &S::channel_order, "rgb", E::kTensor,
          "Order of the colour channels in the model's training.")
          .guessed(),
      Row("channel_num", &S::channel_num, "3", "channels", E::kTensor,
          "Channels of the model's input. 4: the three colours and a fourth channel of zeros, which some models for "
          "GPUs need.")
          .range(3, 4),
      Row("round_to_fp16", &S::round_to_fp16, "0", E::kTensor,
          "Round the model's input to fp16, for models exported with an fp16 input (PaddleClas' output_fp16)."),
  };
}

std::vector<Row> postprocess_keys() {
  return {
      Row("postprocess", &S::postprocess, "topk", E::kResult,
          "Result that is made from the scores. topk: the classes of highest score. threshold: one class, if its score "
          "is high enough. multilabel: every class that reaches threshold, in the order of ids. person_attribute, "
          "vehicle_attribute: the texts and flags of PaddleClas' models with these names. score: only the scores. "
          "embedding: the vector of a feature model, scaled to length 1."),
      Row("topk", &S::topk, "5", "classes", E::kResult,
          "Number of classes in a result; all classes if the model has fewer.")
          .range(1, 100'000),
      Row("threshold", &S::threshold, "0.5", kUnitless, E::kResult,
          "postprocess threshold: a model with two classes, or with one output (the score of class 1), gives class 1 "
          "if this score is at least the threshold, else class 0. A model with more classes gives its top-1 class if "
          "the score is above the threshold, else default_label_index. multilabel: classes with at least this score. "
          "person_attribute: attributes above this score."),
      Row("default_label_index", &S::default_label_index, "0", kUnitless, E::kResult,
          "postprocess threshold: id of the class to give when no score is above the threshold. Models with two "
          "classes "
          "ignore it.")
          .range(0, 10'000'000),
      Row("label_0", &S::label_0, "", E::kResult,
          "postprocess threshold, models with two classes: name of class 0. Unset: the name in label_path or "
          "inference.yml, else 0.")
          .plain_text(),
      Row("label_1", &S::label_1, "", E::kResult,
          "postprocess threshold, models with two classes: name of class 1. Unset: the name in label_path or "
          "inference.yml, else 1.")
          .plain_text(),
      Row("glasses_threshold", &S::glasses_threshold, "0.3", kUnitless, E::kResult,
          "postprocess person_attribute: score above which a person wears glasses."),
      Row("hold_threshold", &S::hold_threshold, "0.6", kUnitless, E::kResult,
          "postprocess person_attribute: score above which a person holds objects in front."),
      Row("color_threshold", &S::color_threshold, "0.5", kUnitless, E::kResult,
          "postprocess vehicle_attribute: minimum score of the colour."),
      Row("type_threshold", &S::type_threshold, "0.5", kUnitless, E::kResult,
          "postprocess vehicle_attribute: minimum score of the vehicle type."),
      Row("decimal_places", &S::decimal_places, "-1", "decimals", E::kResult,
          "postprocess score: number of decimals to round to. -1: no rounding.")
          .range(-1, 9),
      Row("softmax", &S::softmax, "off", E::kResult,
          "Apply softmax to the model's scores, for postprocess topk, threshold and score. off: as PaddleClas, which "
          "exports models with their softmax. auto: only if the model ends without softmax. For a model with one "
          "output, postprocess threshold applies a sigmoid instead, to a raw output even with off."),
      Row("save_dir", &S::save_dir, "", E::kOutput,
          "Copy each image file to save_dir/<id of its top-1 class>/. A different file of the same name is kept: the "
          "copy gets a number. Unset: no copies."),
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
