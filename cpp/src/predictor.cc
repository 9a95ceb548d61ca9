#include "ppinfer/predictor.h"

#include <algorithm>
#include <utility>

#include "engine/registry.h"
#include "executor/executor.h"
#include "executor/stage_costs.h"
#include "executor/stages.h"
#include "executor/warm_up.h"
#include "postprocess/labels.h"
#include "postprocess/ops.h"
#include "postprocess/postprocessor.h"
#include "postprocess/probabilities.h"
#include "ppinfer/error.h"
#include "preprocess/needed_region.h"

namespace ppinfer {
namespace {

EngineOptions engine_options(const Config& config) {
  const Settings& settings = config.settings();
  EngineOptions options;
  options.model_path = settings.cls_model_path;
  options.params_path = settings.cls_params_path;
  options.format = config.model_format();
  options.output_tensor = settings.output_tensor;
  options.input_px = config.input_size();
  options.channels = settings.channel_num;
  options.batch_size = settings.batch_size;
  options.instances = config.lanes();
  options.threads_per_instance = config.threads_per_lane();
  options.precision = settings.precision;
  options.cache_dir = settings.model_cache_dir;
  options.use_mkldnn = settings.use_mkldnn;
  options.mkldnn_cache_capacity = settings.mkldnn_cache_capacity;
  return options;
}

PreprocessPlan preprocess_plan(const Config& config) {
  const Settings& settings = config.settings();
  PreprocessPlan plan;
  if (settings.crop_ratio > 0) plan.pixel_ops.push_back(CenterSquare{settings.crop_ratio});
  if (settings.resize_width > 0) {
    plan.pixel_ops.push_back(
        ResizeTo{{settings.resize_width, settings.resize_height}, settings.interpolation, settings.resize_backend});
  } else {
    plan.pixel_ops.push_back(ResizeShort{settings.resize_short_size, settings.interpolation, settings.resize_backend});
  }
  if (settings.crop_size != Size{}) plan.pixel_ops.push_back(CenterCrop{settings.crop_size});
  plan.normalize.scale = settings.scale;
  std::copy_n(settings.mean.begin(), 3, plan.normalize.mean);
  std::copy_n(settings.std.begin(), 3, plan.normalize.std);
  plan.normalize.order = settings.channel_order;
  plan.normalize.round_to_fp16 = settings.round_to_fp16;
  plan.output_px = config.input_size();
  plan.output_channels = settings.channel_num;
  return plan;
}

DecodeOptions decode_options(const Settings& settings, const PreprocessPlan& plan) {
  DecodeOptions options;
  options.exif_rotate = settings.exif_rotate;
  options.max_pixels = settings.max_pixels;
  options.needed_region = [plan](Size image_px) { return needed_region(plan, image_px); };
  if (settings.decode == DecodeMode::kFast) {
    options.smallest_size = [plan](Size image_px) { return smallest_source(plan, image_px); };
  }
  return options;
}

// Labels of the model's own classes, for the values of a tensor inside it: theirs only if there are as many.
std::vector<std::string> labels_of_tensor(const Settings& settings, std::vector<std::string> labels, int value_count,
                                          std::vector<std::string>& notices) {
  const std::string values =
      "output_tensor " + settings.output_tensor + " has " + std::to_string(value_count) + " values an image";
  if (settings.class_num > 0 && settings.class_num != value_count) {
    notices.push_back("class_num " + std::to_string(settings.class_num) + " isn't checked: " + values);
  }
  if (labels.empty() || labels.size() == static_cast<std::size_t>(value_count)) return labels;
  notices.push_back("the " + std::to_string(labels.size()) + " labels aren't used: " + values);
  return {};
}

// "inference.yml (label_list)"
std::string origin_of_labels(const Config& config) {
  const auto& keys = config.effective();
  const auto key =
      std::find_if(keys.begin(), keys.end(), [](const EffectiveValue& value) { return value.key == "label_path"; });
  return key == keys.end() ? "label_list" : key->origin;
}

std::vector<std::string> load_labels(const Config& config, int class_count, std::vector<std::string>& notices) {
  const Settings& settings = config.settings();
  const bool from_file = !settings.label_path.empty();
  const auto given_labels = [&] {
    if (!has_labels(settings.postprocess)) return std::vector<std::string>();
    return from_file ? read_labels(settings.label_path, settings.label_delimiter) : config.model_labels();
  };
  if (!settings.output_tensor.empty()) return labels_of_tensor(settings, given_labels(), class_count, notices);
  if (settings.class_num > 0 && settings.class_num != class_count) {
    throw ModelError("class_num is " + std::to_string(settings.class_num) + ", but the model " +
                     settings.cls_model_path + " has " + std::to_string(class_count) +
                     " classes: it was exported with another class number, or class_num is wrong");
  }
  std::vector<std::string> labels = given_labels();
  if (!labels.empty() && labels.size() != static_cast<std::size_t>(class_count)) {
    throw ModelError((from_file ? settings.label_path : origin_of_labels(config)) + " names " +
                     std::to_string(labels.size()) + " classes, but the model " + settings.cls_model_path + " has " +
                     std::to_string(class_count));
  }
  return labels;
}

std::vector<std::unique_ptr<EngineInstance>> make_instances(Engine& engine, const Config& config) {
  std::vector<std::unique_ptr<EngineInstance>> instances;
  const BatchTensor zeros(config.settings().batch_size, config.input_size(), config.settings().channel_num);
  for (int instance = 0; instance < config.lanes(); ++instance) instances.push_back(engine.create_instance());
  warm_up(instances, zeros, config.settings().warmup);
  return instances;
}

// What the model's end says or, where that can't be told, the scores of an image of zeros do.
ScoreKind score_kind_of(const Engine& engine, EnginePool& engines, const Config& config) {
  const bool worth_a_run = config.settings().warmup > 0 || config.settings().softmax == SoftmaxUse::kAuto;
  if (engine.score_kind() != ScoreKind::kUnknown || !worth_a_run) return engine.score_kind();
  const BatchTensor zeros(1, config.input_size(), config.settings().channel_num);
  const Span<const float> scores = engines.borrow()->run(zeros, 1);
  return are_probabilities(scores, engine.class_count()) ? ScoreKind::kProbabilities : ScoreKind::kRaw;
}

// What softmax auto comes to; and a word where the scores aren't what an op with a best class is meant for.
bool choose_softmax(const Engine& engine, EnginePool& engines, const Config& config,
                    std::vector<std::string>& notices) {
  const Settings& settings = config.settings();
  const SoftmaxUse use = settings.softmax;
  const bool matters = settings.postprocess == PostprocessOp::kTopk ||
                       settings.postprocess == PostprocessOp::kThreshold ||
                       settings.postprocess == PostprocessOp::kScore;
  if (!matters || use == SoftmaxUse::kOn) return use == SoftmaxUse::kOn;
  const bool is_tensor = !settings.output_tensor.empty();
  if (is_tensor && use == SoftmaxUse::kOff) return false;  // nobody expects probabilities there
  if (score_kind_of(engine, engines, config) != ScoreKind::kRaw) return false;
  notices.push_back(is_tensor ? "softmax auto: applied to the values of output_tensor, which are no probabilities"
                    : use == SoftmaxUse::kAuto
                        ? "softmax auto: the model has none at its end, so it is applied to its scores"
                        : "the model's scores are no probabilities, as it has no softmax at its end: set softmax on "
                          "to have it applied, or take the scores as they are");
  return use == SoftmaxUse::kAuto;
}

class VectorSource : public ImageSource {
 public:
  explicit VectorSource(const std::vector<ImageInput>& inputs) : inputs_(inputs) {}
  bool next(ImageInput& input) override {
    if (next_ == inputs_.size()) return false;
    input = inputs_[next_++];
    return true;
  }

 private:
  const std::vector<ImageInput>& inputs_;
  std::size_t next_ = 0;
};

class VectorSink : public ResultSink {
 public:
  void write(const Result& result) override { results.push_back(result); }
  std::vector<Result> results;
};

class LogitsSink : public ResultSink {
 public:
  void write(const Result& result) override {
    if (!result.ok()) throw BadImageError(result.path, *result.error, images_);
    logits.insert(logits.end(), result.scores.begin(), result.scores.end());
    ++images_;
  }
  std::vector<float> logits;

 private:
  std::size_t images_ = 0;
};

}  // namespace

class Predictor::Impl {
 public:
  explicit Impl(Config given)
      : config(std::move(given)),
        engine(load_engine(report_config(config).engine, engine_options(config))),
        notices(report_config(config).notices),
        labels(load_labels(config, engine->class_count(), notices)),
        plan(preprocess_plan(config)),
        decode(decode_options(config.settings(), plan)),
        engines(make_instances(*engine, config)),
        postprocessor(make_postprocessor(config.settings(), labels, engine->class_count(), softmax())),
        raw(make_raw_postprocessor()),
        executor(rooms(), config.lanes()) {
    for (std::string& notice : engine->notices()) notices.push_back(std::move(notice));
  }

  Rooms rooms() {
    Rooms rooms;
    rooms.plan = plan;
    rooms.decode = decode;
    rooms.batch_size = config.settings().batch_size;
    rooms.pins_lanes = config.settings().pin_lanes && config.threads_per_lane() == 1;
    rooms.engines = &engines;
    return rooms;
  }

  bool softmax() { return choose_softmax(*engine, engines, config, notices); }

  // No more threads than there are batches.
  void run_all(const Postprocessor& use, const std::vector<ImageInput>& inputs, ResultSink& sink) {
    VectorSource source(inputs);
    const auto batch_size = static_cast<std::size_t>(config.settings().batch_size);
    const std::size_t batches = (inputs.size() + batch_size - 1) / batch_size;
    executor.run(use, source, sink, static_cast<int>(std::min<std::size_t>(batches, 1 << 10)));
  }

  // In the order in which each needs the one before.
  const Config config;
  const std::unique_ptr<Engine> engine;
  std::vector<std::string> notices;
  const std::vector<std::string> labels;
  const PreprocessPlan plan;
  const DecodeOptions decode;
  EnginePool engines;
  const std::unique_ptr<Postprocessor> postprocessor;
  const std::unique_ptr<Postprocessor> raw;
  Executor executor;
};

Predictor::Predictor(Config config) : impl_(std::make_unique<Impl>(std::move(config))) {}
Predictor::~Predictor() = default;
Predictor::Predictor(Predictor&&) noexcept = default;
Predictor& Predictor::operator=(Predictor&&) noexcept = default;

Result Predictor::predict(const ImageInput& input) { return impl_->executor.classify(*impl_->postprocessor, input); }

std::vector<Result> Predictor::predict(const std::vector<ImageInput>& inputs) {
  VectorSink sink;
  sink.results.reserve(inputs.size());
  impl_->run_all(*impl_->postprocessor, inputs, sink);
  return std::move(sink.results);
}

RunStats Predictor::run(ImageSource& source, ResultSink& sink) {
  return impl_->executor.run(*impl_->postprocessor, source, sink, impl_->executor.lanes());
}

RunStats Predictor::run(ImageSource& source, ResultSink& sink, RunWatch& watch) {
  return impl_->executor.run(*impl_->postprocessor, source, sink, impl_->executor.lanes(), &watch);
}

StageCosts Predictor::measure_stages(const std::vector<ImageInput>& inputs, double seconds, ResultSink& sink,
                                     const std::function<void()>& on_check) {
  const std::function<void()> nothing = [] {};
  return stage_costs(impl_->rooms(), *impl_->postprocessor, inputs, seconds, sink, on_check ? on_check : nothing);
}

RgbPixels Predictor::decode(const ImageInput& input) { return decoded(input, impl_->decode); }
RgbPixels Predictor::resize(const ImageInput& input) { return resized(input, impl_->decode, impl_->plan); }

std::vector<float> Predictor::preprocess(const ImageInput& input) {
  return preprocessed(input, impl_->decode, impl_->plan);
}

std::vector<float> Predictor::logits(const ImageInput& input) {
  Result result = impl_->executor.classify(*impl_->raw, input);
  if (!result.ok()) throw BadImageError(result.path, *result.error);
  return std::move(result.scores);
}

std::vector<float> Predictor::logits(const std::vector<ImageInput>& inputs) {
  LogitsSink sink;
  sink.logits.reserve(inputs.size() * static_cast<std::size_t>(class_count()));
  impl_->run_all(*impl_->raw, inputs, sink);
  return std::move(sink.logits);
}

std::vector<float> Predictor::logits(ImageSource& source) {
  LogitsSink sink;
  impl_->executor.run(*impl_->raw, source, sink, impl_->executor.lanes());
  return std::move(sink.logits);
}

const Config& Predictor::config() const { return impl_->config; }
const std::vector<std::string>& Predictor::notices() const { return impl_->notices; }
int Predictor::class_count() const { return impl_->engine->class_count(); }
const std::vector<std::string>& Predictor::labels() const { return impl_->labels; }

std::string Predictor::describe() const {
  return impl_->engine->describe() + "; " + impl_->config.settings().cls_model_path + "; " +
         std::to_string(impl_->config.lanes()) + (impl_->config.lanes() == 1 ? " lane" : " lanes") + " x " +
         std::to_string(impl_->config.threads_per_lane()) +
         (impl_->config.threads_per_lane() == 1 ? " thread" : " threads");
}

}  // namespace ppinfer
