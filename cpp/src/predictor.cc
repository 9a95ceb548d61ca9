#include "ppinfer/predictor.h"

#include <algorithm>
#include <random>
#include <utility>

#include "config/labels.h"
#include "core/machine_failure.h"
#include "engine/fork_gate.h"
#include "engine/registry.h"
#include "executor/executor.h"
#include "executor/stage_costs.h"
#include "executor/stages.h"
#include "executor/warm_up.h"
#include "postprocess/ops.h"
#include "postprocess/postprocessor.h"
#include "ppinfer/error.h"
#include "preprocess/needed_region.h"
#include "save_dir.h"
#include "score_use.h"

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
  options.check_engine = settings.check_engine;
  return options;
}

// Where nobody chose engine openvino and it lacks an operation of the model, engine paddle reads it, which is said.
std::unique_ptr<Engine> load_engine_of(const Config& config, std::vector<std::string>& notices) {
  const EngineKind kind = report_config(config).engine;
  try {
    return load_engine(kind, engine_options(config));
  } catch (const UnsupportedOperation& problem) {
    const bool is_choice = config.settings().engine != EngineKind::kAuto;
    if (is_choice || kind == EngineKind::kPaddle || !engine_installed(EngineKind::kPaddle)) throw;
    notices.push_back(std::string("engine auto: paddle, as ") + problem.what());
  }
  return load_engine(EngineKind::kPaddle, engine_options(config));
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

// Two names for a model with one output say that the output is the score of the second.
void settle_one_output(Config& config, int output_count, std::vector<std::string>& notices) {
  const Settings& settings = config.settings();
  if (output_count != 1 || settings.postprocess != PostprocessOp::kTopk || !settings.output_tensor.empty()) return;
  const std::vector<std::string> labels =
      settings.label_path.empty() ? config.model_labels() : read_labels(settings.label_path, settings.label_delimiter);
  if (labels.size() != 2) return;
  config.default_to_threshold("one output, two labels");
  if (settings.postprocess != PostprocessOp::kThreshold) return;
  notices.push_back(
      "The model has one output and the labels are two, so postprocess threshold is used: the output is "
      "the score of " +
      labels[1]);
}

std::vector<std::string> load_labels(Config& config, int output_count, std::vector<std::string>& notices) {
  settle_one_output(config, output_count, notices);
  const Settings& settings = config.settings();
  check_output_count(settings, output_count);
  const int class_count = classes_of(settings.postprocess, output_count);
  const bool from_file = !settings.label_path.empty();
  const auto given_labels = [&] {
    if (!has_labels(settings.postprocess)) return std::vector<std::string>();
    return from_file ? read_labels(settings.label_path, settings.label_delimiter) : config.model_labels();
  };
  if (!settings.output_tensor.empty()) return labels_of_tensor(settings, given_labels(), class_count, notices);
  if (settings.class_num > 0 && settings.class_num != class_count && settings.class_num != output_count) {
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

// Throws RuntimeFailure in a forked child, where what its parent made can't work (Note [Engines and fork]).
template <class Impl>
Impl& usable(const std::unique_ptr<Impl>& impl) {
  if (impl->made_here.holds()) return *impl;
  throw RuntimeFailure(
      "this Predictor was created before fork(), in the parent process, and this process lacks its engine's threads. "
      "Create a Predictor in this process, or start processes by spawn or forkserver");
}

// A child never frees what its parent made: that would wait for threads that it lacks.
template <class Impl>
void end(std::unique_ptr<Impl> impl) {
  if (!impl) return;
  if (!impl->made_here.holds()) return static_cast<void>(impl.release());
  const EngineWork work;
  impl.reset();
}

// Images of noise, as the plan would normalise them: of zeros some models make the same whatever is wrong with them.
BatchTensor noise(const Config& config, const PreprocessPlan& plan, double contrast = 1) {
  BatchTensor batch(config.settings().batch_size, config.input_size(), config.settings().channel_num);
  const std::size_t plane_values = batch.slot_values() / static_cast<std::size_t>(batch.channels());
  constexpr unsigned kBrightest = 192;  // photos are darker than half of 255, in the mean
  std::minstd_rand random;
  for (int image = 0; image < batch.capacity(); ++image) {
    for (std::size_t value = 0; value < 3 * plane_values; ++value) {
      const std::size_t channel = value / plane_values;
      const double pixel = static_cast<double>(random() % kBrightest) * contrast;
      batch.slot(image)[value] = static_cast<float>((pixel * plan.normalize.scale - plan.normalize.mean[channel]) /
                                                    plan.normalize.std[channel]);
    }
  }
  return batch;
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
    if (!result.ok()) throw_without_result(result.path, *result.error, images_);
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
        notices(report_config(config).notices),
        engine(load_engine_of(config, notices)),
        labels(load_labels(config, engine->class_count(), notices)),
        plan(preprocess_plan(config)),
        decode(decode_options(config.settings(), plan)),
        engines(make_instances()),
        postprocessor(with_best_class(make_postprocessor(config.settings(), labels, engine->class_count(), softmax()),
                                      config.settings())),
        raw(make_raw_postprocessor()),
        executor(pipeline(), config.lanes()) {
    for (std::string& notice : engine->notices()) notices.push_back(std::move(notice));
  }

  Pipeline pipeline() {
    Pipeline pipeline;
    pipeline.plan = plan;
    pipeline.decode = decode;
    pipeline.batch_size = config.settings().batch_size;
    pipeline.pins_lanes = config.settings().pin_lanes && config.threads_per_lane() == 1;
    pipeline.engines = &engines;
    return pipeline;
  }

  std::vector<std::unique_ptr<EngineInstance>> make_instances() {
    std::vector<std::unique_ptr<EngineInstance>> instances;
    for (int instance = 0; instance < config.lanes(); ++instance) instances.push_back(engine->create_instance());
    noise_scores = warm_up(instances, noise(config, plan), config.settings().warmup);
    return instances;
  }

  // One batch of the noise through an instance.
  std::vector<float> scores_of_noise(double contrast) {
    const BatchTensor images = noise(config, plan, contrast);
    const auto instance = engines.borrow();
    const Span<const float> scores = instance->run(images, images.capacity());
    return {scores.begin(), scores.end()};
  }

  bool softmax() {
    if (noise_scores.empty()) noise_scores = scores_of_noise(1);  // warmup 0
    ScoreUse use = decide_score_use(config.settings(), engine->score_kind(), noise_scores, engine->class_count(),
                                    [this](double contrast) { return scores_of_noise(contrast); });
    notices.insert(notices.end(), use.notices.begin(), use.notices.end());
    return use.softmax;
  }

  // No more threads than there are batches.
  void run_all(const Postprocessor& use, const std::vector<ImageInput>& inputs, ResultSink& sink) {
    VectorSource source(inputs);
    const auto batch_size = static_cast<std::size_t>(config.settings().batch_size);
    const std::size_t batches = (inputs.size() + batch_size - 1) / batch_size;
    executor.run(use, source, sink, static_cast<int>(std::min<std::size_t>(batches, 1 << 10)));
  }

  RunStats run(ImageSource& source, ResultSink& sink, RunObserver* observer) {
    SavedImages saved(config.settings(), sink);
    return executor.run(*postprocessor, source, saved, executor.lanes(), observer);
  }

  // In the order in which each needs the one before.
  const MadeHere made_here;
  Config config;  // final once the labels are there
  std::vector<std::string> notices;
  const std::unique_ptr<Engine> engine;
  const std::vector<std::string> labels;
  const PreprocessPlan plan;
  const DecodeOptions decode;
  std::vector<float> noise_scores;  // of the warm-up
  EnginePool engines;
  const std::unique_ptr<Postprocessor> postprocessor;
  const std::unique_ptr<Postprocessor> raw;
  Executor executor;
};

Predictor::Predictor(Config config) {
  check_engines_after_fork();
  const EngineWork work;
  impl_ = std::make_unique<Impl>(std::move(config));
}
Predictor::~Predictor() { end(std::move(impl_)); }
Predictor::Predictor(Predictor&&) noexcept = default;
Predictor& Predictor::operator=(Predictor&& other) noexcept {
  end(std::exchange(impl_, std::move(other.impl_)));
  return *this;
}

Result Predictor::predict(const ImageInput& input) {
  Impl& impl = usable(impl_);
  Result result = impl.executor.classify(*impl.postprocessor, input);
  if (result.best_class_id >= 0) SavedImages(impl.config.settings()).copy(result);
  return result;
}

std::vector<Result> Predictor::predict(const std::vector<ImageInput>& inputs) {
  Impl& impl = usable(impl_);
  VectorSink sink;
  sink.results.reserve(inputs.size());
  SavedImages saved(impl.config.settings(), sink);
  impl.run_all(*impl.postprocessor, inputs, saved);
  return std::move(sink.results);
}

RunStats Predictor::run(ImageSource& source, ResultSink& sink) { return usable(impl_).run(source, sink, nullptr); }

RunStats Predictor::run(ImageSource& source, ResultSink& sink, RunObserver& observer) {
  return usable(impl_).run(source, sink, &observer);
}

StageTimes Predictor::measure_stages(const std::vector<ImageInput>& inputs, double seconds, ResultSink& sink,
                                     const std::function<void()>& on_check) {
  Impl& impl = usable(impl_);
  const std::function<void()> nothing = [] {};
  return stage_costs(impl.pipeline(), *impl.postprocessor, inputs, seconds, sink, on_check ? on_check : nothing);
}

RgbPixels Predictor::decode(const ImageInput& input) { return decoded(input, usable(impl_).decode); }

RgbPixels Predictor::resize(const ImageInput& input) {
  const Impl& impl = usable(impl_);
  return resized(input, impl.decode, impl.plan);
}

std::vector<float> Predictor::preprocess(const ImageInput& input) {
  const Impl& impl = usable(impl_);
  return preprocessed(input, impl.decode, impl.plan);
}

std::vector<float> Predictor::logits(const ImageInput& input) {
  Impl& impl = usable(impl_);
  Result result = impl.executor.classify(*impl.raw, input);
  if (!result.ok()) throw_without_result(result.path, *result.error);
  return std::move(result.scores);
}

std::vector<float> Predictor::logits(const std::vector<ImageInput>& inputs) {
  Impl& impl = usable(impl_);
  LogitsSink sink;
  sink.logits.reserve(inputs.size() * static_cast<std::size_t>(class_count()));
  impl.run_all(*impl.raw, inputs, sink);
  return std::move(sink.logits);
}

std::vector<float> Predictor::logits(ImageSource& source) {
  Impl& impl = usable(impl_);
  LogitsSink sink;
  impl.executor.run(*impl.raw, source, sink, impl.executor.lanes());
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
