// The run's configuration: parsed, checked, immutable.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "ppinfer/types.h"

namespace [[gnu::visibility("default")]] ppinfer {

// One member for each key of config.txt, with the key's name. The field table (src/config/field_table.cc) has defaults,
// units, help and checks, and fills this struct.
struct Settings {
  // Model
  std::string model_dir;        // folder of an exported model, with its inference.yml
  std::string cls_model_path;   // *.pdmodel, *.json (PIR), *.onnx or *.xml
  std::string cls_params_path;  // *.pdiparams; empty for formats that need none
  std::string label_path;
  std::string label_delimiter;  // between id and name; empty: detected from the lines
  int class_num = 0;            // 0: the model's own number
  std::string output_tensor;    // used instead of the scores; empty: the model's output
  // Engine
  // Config turns kAuto into kPaddle if a key that chooses Paddle (FieldInfo::chooses_paddle) is set and Paddle reads
  // the model. Otherwise the predictor uses the first installed engine that reads the model, OpenVINO before Paddle.
  EngineKind engine = EngineKind::kAuto;
  Precision precision = Precision::kFp32;
  bool use_gpu = false;
  int gpu_id = 0;
  int gpu_mem = 4000;  // MB
  bool use_tensorrt = false;
  bool use_fp16 = false;
  bool use_mkldnn = true;
  int mkldnn_cache_capacity = 10;  // input shapes
  bool check_engine = true;        // engine paddle: at load, compare a probe with Paddle's plain executor
  int cpu_math_library_num_threads = 10;
  bool benchmark = false;    // without effect; files of PaddleClas have this key
  int lanes = 0;             // 0: as many as keep the allowed CPUs busy
  int threads_per_lane = 1;  // compute threads of one lane's engine instance; 0: the allowed CPUs shared out
  bool pin_lanes = false;    // each to its own CPU, if the numbers of lanes and CPUs are equal
  int batch_size = 1;
  std::string model_cache_dir;  // engine openvino's compiled models; empty: no cache
  int warmup = 1;               // batches that each engine instance runs at load, before one single image; 0: none
  // Decode and preprocess
  DecodeMode decode = DecodeMode::kExact;
  bool exif_rotate = true;
  std::int64_t max_pixels = 89'478'485;  // 256 MiB as RGB
  double crop_ratio = 0;        // of the shorter side: the square cut from the centre before the resize; 0: none
  int resize_short_size = 256;  // px; 0: use resize_width and resize_height; unset: follows crop_size
  int resize_width = 0;         // px
  int resize_height = 0;        // px
  Interpolation interpolation = Interpolation::kBilinear;
  ResizeBackend resize_backend = ResizeBackend::kCv2;
  Size crop_size{224, 224};  // 0x0: no crop; unset: the model's own sides
  double scale = 1.0 / 255.0;
  std::vector<double> mean{0.485, 0.456, 0.406};
  std::vector<double> std{0.229, 0.224, 0.225};
  ChannelOrder channel_order = ChannelOrder::kRgb;  // the model's; also the order of mean and std
  int channel_num = 3;                              // of the model's input; 4: the fourth channel is zeros
  bool round_to_fp16 = false;                       // the tensor's values, for models whose input is fp16
  // Postprocess
  PostprocessOp postprocess = PostprocessOp::kTopk;
  int topk = 5;
  double threshold = 0.5;          // threshold, multilabel, person_attribute
  int default_label_index = 0;     // threshold: the class if no score is above it
  std::string label_0;             // threshold, models of two classes; empty: the label, or "0"
  std::string label_1;             // likewise
  double glasses_threshold = 0.3;  // person_attribute
  double hold_threshold = 0.6;     // person_attribute
  double color_threshold = 0.5;    // vehicle_attribute
  double type_threshold = 0.5;     // vehicle_attribute
  int decimal_places = -1;         // score; -1: not rounded
  SoftmaxUse softmax = SoftmaxUse::kOff;
  std::string save_dir;  // images are copied to save_dir/<top-1 id>/; empty: no copies
};

struct Override {  // one -o key=value or keyword argument
  std::string key;
  std::string value;
  // Name in messages and origins: "-o", "argument", ..., or "-m", which has no key in the message.
  std::string given_by = "-o";
};

// The layer that sets a value; a later layer wins.
enum class LayerRank { kDefaults, kModelFile, kModelSpec, kFile, kOverrides };
const char* to_string(LayerRank layer);  // "default", "model", "inference.yml", "file", "override"

// A value of its key's type; a choice is its name.
using ConfigValue = std::variant<bool, std::int64_t, double, std::string, std::vector<double>, Size>;

struct EffectiveValue {
  std::string key;
  std::string text;  // as config.txt would hold the value
  // "default", "inference.yml", "config.txt:12", an Override's given_by, the model's file that declares the value
  // ("model.onnx"), or the key that the value follows from: "model_dir", "config.txt:4 (use_mkldnn)". A derived value
  // has the stated value in brackets: "default (0: the allowed CPUs)".
  std::string origin;
  bool guessed = false;  // changes the pixels, and neither a key nor the model sets it: see Config::notices()
  std::string unit;      // "px", "MB", "threads", ...; empty: none
  LayerRank layer = LayerRank::kDefaults;
  int line = 0;                  // of the config file, when the file states the value; else 0
  bool of_this_machine = false;  // the key is 0, and the value follows from the allowed CPUs

  ConfigValue value() const;
};

struct PipelineStep {
  std::string operation;   // by PaddleClas' name; "model" between those before and after it
  std::string parameters;  // "resize_short: 256, interpolation: bilinear, backend: cv2"; empty: none

  friend bool operator==(const PipelineStep& a, const PipelineStep& b) {
    return a.operation == b.operation && a.parameters == b.parameters;
  }
};

// The first stage that a key changes; all later stages change, too.
enum class KeyEffect {
  kDecoded,  // pixels, or whether the image is refused
  kResized,  // pixels
  kTensor,   // pixels, as the model gets them
  kLogits,   // answers: the model's output
  kResult,   // answers: class ids, scores, attributes
  kClasses,  // answers: the number of classes and their names
  kOutput,   // files that are written beside the records
  kSpeed,    // time, memory, and checks at load; records stay the same
  kNothing,  // ppinfer accepts the key and ignores it
};
const char* to_string(KeyEffect effect);  // "decoded", "resized", ..., "nothing"

enum class FieldGroup { kModel, kEngine, kPreprocess, kPostprocess };
const char* to_string(FieldGroup group);  // "model", "engine", "preprocess", "postprocess"

// One row of the field table.
struct FieldInfo {
  std::string name;
  FieldGroup group = FieldGroup::kModel;
  std::string type;  // "bool", "int", "number", "numbers", "size", "path", "text", or the choices: "a|b"
  std::vector<std::string> choices;  // "fp32", "bf16", ..., the plainest first; of other types empty
  std::string default_value;         // as config.txt would say it; empty: unset
  std::string expected;              // "an integer from 1 to 1024"
  std::string unit;                  // "px", "MB", "threads", ...; empty: none
  std::string help;                  // one or two sentences
  KeyEffect effect = KeyEffect::kNothing;
  bool is_path = false;
  bool legacy = false;              // known to PaddleClas' C++ deployment
  bool guessed_when_unset = false;  // changes the pixels, so an unset value is a guess
  bool names_model = false;         // this key alone is enough to find a model
  bool of_one_model = false;        // locates a model or its engine: a converted model has its own value
  bool paddle_only = false;         // only engine paddle uses it
  bool chooses_paddle = false;      // when set, engine auto becomes paddle
  bool tuned = false;               // `ppinfer tune` searches its values

  // A path that is read; other paths are written.
  bool names_input() const { return is_path && effect < KeyEffect::kOutput; }
  // True if another value can change a record. False for paths: a resumed run compares hashes of the model and labels
  // instead.
  bool changes_records() const { return !is_path && effect < KeyEffect::kOutput; }
};

std::vector<FieldInfo> config_fields();  // every key, in the order in which they are documented
// A config.txt that explains every key and sets none: each key has its default behind a '#', as in "#topk 5".
std::string config_template();

class Config {
 public:
  // Each layer overrides the earlier layers: built-in defaults < the sides that the model's file declares <
  // its inference.yml < the file < the overrides. Paths in the file are relative to the file's folder, paths in
  // overrides to the working directory. Throws ConfigError with every problem found.
  static Config from_file(const std::string& path, const std::vector<Override>& overrides = {});
  static Config from_overrides(const std::vector<Override>& overrides);  // no file: `model_dir` and so on

  const Settings& settings() const { return settings_; }
  ModelFormat model_format() const { return model_format_; }
  // Labels of the model's own inference.yml, or of an inference_cls.yaml that was given as the file, in id order; empty
  // without labels, or if label_path overrides them.
  const std::vector<std::string>& model_labels() const { return model_labels_; }
  // Size of the tensor that preprocessing makes.
  Size input_size() const;
  // Lanes and threads in effect, from the legacy keys and the allowed CPUs.
  int lanes() const { return lanes_; }
  int threads_per_lane() const { return threads_per_lane_; }
  // The key of PaddleClas that turned engine auto into paddle; empty: none.
  const std::string& legacy_engine_key() const { return legacy_engine_key_; }
  // Every key, in the order of config_fields(); for lanes 0 and threads_per_lane 0 the numbers in effect.
  const std::vector<EffectiveValue>& effective() const { return effective_; }
  // The operations on an image, in order.
  std::vector<PipelineStep> pipeline() const;
  // Notices for the user, to print once, such as each guessed key of preprocessing with its value.
  const std::vector<std::string>& notices() const { return notices_; }

  // Sets postprocess threshold if no layer sets postprocess; `origin` is the reason, for effective().
  void default_to_threshold(const std::string& origin);

 private:
  friend class ConfigBuilder;
  Config() = default;

  Settings settings_;
  ModelFormat model_format_ = ModelFormat::kPaddleProgram;
  std::vector<std::string> model_labels_;
  int lanes_ = 1;
  int threads_per_lane_ = 1;
  std::string legacy_engine_key_;
  std::vector<EffectiveValue> effective_;
  std::vector<std::string> notices_;
};

// The files of a model: cls_model_path, cls_params_path, the *.bin of an OpenVINO IR, and the existing weight files
// that an ONNX model names. Throws ModelError: an ONNX is damaged, or weights aren't regular files in the model's
// folder.
std::vector<std::string> files_of_model(const std::string& model_path, const std::string& params_path);

// Settings for postprocess() of postprocess.h, from keys of the postprocess group, label_path and label_delimiter; all
// other keys have their defaults. Throws ConfigError with every problem found.
Settings postprocess_settings(const std::vector<Override>& keys);

}  // namespace ppinfer
