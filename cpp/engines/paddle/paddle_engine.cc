// One predictor an instance. Predictor::Clone would share the weights, but isn't sound with oneDNN (3.3.1): the first
// run of each clone converts the shared weights in place.
#include <memory>
#include <mutex>
#include <new>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "bare_batch_norm.h"
#include "core/message_text.h"
#include "engine/engine.h"
#include "model/classifier_shape.h"
#include "model/int8.h"
#include "model/paddle_files.h"
#include "model/probe.h"
#include "own_predictor.h"
#include "paddle_abi.h"
#include "paddle_error.h"
#include "ppinfer/error.h"
#include "ppinfer/predictor.h"
#include "ppinfer/version.h"
#include "program_message.h"

namespace ppinfer {
namespace {

const char* library_version() {
  static const std::string version = [] {
    std::istringstream text(paddle_infer::GetVersion());  // "version: 3.3.1\ncommit: ...\n"
    std::string key, value;
    text >> key >> value;
    return value;
  }();
  return version.c_str();
}

void check_format(const EngineOptions& options) {
  if (options.format == ModelFormat::kPaddleProgram || options.format == ModelFormat::kPaddlePir) return;
  throw ModelError(options.model_path + ": engine paddle reads .pdmodel and .json (PIR)" +
                   (options.format == ModelFormat::kFake ? "" : "; set `engine openvino` for .onnx and .xml"));
}

void check_int8(const EngineOptions& options) {
  check_int8_cpu();
  if (options.format == ModelFormat::kPaddlePir) {
    throw ModelError(options.model_path +
                     ": precision int8 with engine paddle needs a quantised .pdmodel: `ppinfer quantize` makes one of "
                     "a .pdmodel; of a PIR model (.json) it makes one for engine openvino");
  }
  if (!is_quantized_program(options)) throw_not_quantized(options);
}

void check_precision(const EngineOptions& options) {
  if (options.precision == Precision::kFp32) return;
  if (!options.use_mkldnn) {
    throw ModelError(std::string("precision ") + precision_name(options.precision) +
                     " with engine paddle needs use_mkldnn 1");
  }
  if (options.precision == Precision::kInt8) return check_int8(options);
  if (cpu_features().find("bf16") == std::string::npos) {
    throw ModelError("precision bf16: this CPU has neither avx512_bf16 nor amx_bf16 (it has " + cpu_features() +
                     "); set precision fp32");
  }
}

std::vector<NamedShape> named(const std::vector<std::string>& names, const std::map<std::string, Dims>& shapes) {
  std::vector<NamedShape> result;
  for (const std::string& name : names) {
    const auto found = shapes.find(name);
    result.push_back({name, found == shapes.end() ? Dims{} : found->second});
  }
  return result;
}

void check_batch(const EngineOptions& options, const Dims& input) {
  if (input[0] >= 0 && input[0] < options.batch_size) {
    throw ModelError(options.model_path + ": was exported with a fixed batch of " + std::to_string(input[0]) +
                     ", but batch_size is " + std::to_string(options.batch_size) + ": lower it, or export the model " +
                     "with an open batch (-1)");
  }
}

// Runs a predictor over a batch's own memory, and keeps the output that it gives. It has run the batch `first` before
// anybody calls.
class Runner {
 public:
  Runner(std::unique_ptr<OwnPredictor> predictor, std::size_t output, const BatchTensor& first)
      : predictor_(std::move(predictor)),
        input_name_(predictor_->work([](auto& paddle) { return paddle.GetInputNames().at(0); })),
        output_(output),
        inputs_(1) {
    lend(first, first.capacity());
    check(predictor_->run_first(inputs_, outputs_));
  }

  const paddle::Tensor& run(const BatchTensor& batch, int count) {
    lend(batch, count);
    check(predictor_->run(inputs_, outputs_));
    return output();
  }

  const paddle::Tensor& output() const { return outputs_[output_]; }  // of the last run

 private:
  void lend(const BatchTensor& batch, int count) {
    inputs_[0] = paddle::from_blob(const_cast<float*>(batch.values()),  // Paddle has no blob of constant memory
                                   {count, batch.channels(), batch.size_px().height, batch.size_px().width},
                                   phi::DataType::FLOAT32);
    inputs_[0].set_name(input_name_);
  }

  void check(bool done) const {
    if (!done || outputs_.size() <= output_) throw RuntimeFailure("the model gave no output");
    if (outputs_[output_].dtype() != phi::DataType::FLOAT32) {
      throw RuntimeFailure("the model's output " + std::to_string(output_ + 1) + " (" + outputs_[output_].name() +
                           ") isn't float32, as scores are; choose another tensor with output_tensor (? lists them)");
    }
  }

  std::unique_ptr<OwnPredictor> predictor_;  // outlives the tensors below, which are its memory
  std::string input_name_;
  std::size_t output_;  // which of the model's
  std::vector<paddle::Tensor> inputs_;
  std::vector<paddle::Tensor> outputs_;
};

class PaddleInstance : public EngineInstance {
 public:
  PaddleInstance(std::unique_ptr<Runner> runner, int class_count)
      : runner_(std::move(runner)), class_count_(class_count) {}

  Span<const float> run(const BatchTensor& batch, int count) override {
    try {
      const paddle::Tensor& output = runner_->run(batch, count);
      const std::int64_t values = std::int64_t{count} * class_count_;
      if (output.numel() != values) {
        throw RuntimeFailure("the model gave " + std::to_string(output.numel()) + " scores for " +
                             std::to_string(count) + " images of " + std::to_string(class_count_) + " classes");
      }
      return {output.data<float>(), static_cast<std::size_t>(values)};
    } catch (const Error&) {
      throw;
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception& error) {
      throw RuntimeFailure("Paddle failed: " + reason_of(error));
    }
  }

 private:
  const std::unique_ptr<Runner> runner_;
  int class_count_;
};

// Which output becomes the scores. A program (.pdmodel) is loaded with the chosen one alone (ProgramFile); PIR has no
// names for what lies inside.
std::size_t chosen_output(const EngineOptions& options, const std::vector<NamedShape>& outputs) {
  if (options.output_tensor.empty() || options.format == ModelFormat::kPaddleProgram) {
    check_outputs(options, outputs);
    return 0;
  }
  std::string names;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i].name == options.output_tensor) return i;
    names += (i == 0 ? "" : ", ") + shown_word(outputs[i].name);
  }
  throw ModelError(options.model_path + ": output_tensor " + shown_word(options.output_tensor) +
                   ": a model in Paddle's PIR format (.json) has names only for its outputs, which are " + names +
                   "; for other tensors give it as .pdmodel, or as .onnx or .xml with `engine openvino`");
}

// Throws what Paddle throws as a ModelError.
template <class Load>
auto rethrow_as_model_error(const EngineOptions& options, const Load& load) {
  try {
    return load();
  } catch (const ModelError&) {
    throw;
  } catch (const std::exception& error) {
    throw ModelError(options.model_path + ": engine paddle can't load it (with " + options.params_path +
                     "): " + reason_of(error) + ". Engine openvino may load it");
  }
}

std::vector<float> scores_of(const paddle::Tensor& output) {
  return {output.data<float>(), output.data<float>() + output.numel()};
}

// What loading a model has to say of its answers.
struct CheckedAnswers {
  std::string disagreement;  // "": they are the plain executor's, or can't be checked
  std::string notice;        // why they can't
};

// Not of a quantised program: the plain executor computes its fake quantisation in float, and oneDNN's kernels, in
// fp32 without it and in int8 with sums of another rounding, are sound and yet as far from it as a lost operator.
bool can_be_checked(const EngineOptions& options) {
  if (options.format == ModelFormat::kPaddlePir) return options.use_mkldnn;  // without it, it is the plain executor
  return !is_quantized_program(options);
}

CheckedAnswers check_answers(const EngineOptions& options, std::size_t output, int images, Runner& engine) {
  CheckedAnswers checked;
  std::unique_ptr<Runner> plain;
  for (const unsigned seed : {0U, 1U}) {
    const BatchTensor probe = probe_images(images, options.input_px, options.channels, seed);
    std::vector<float> trusted, nudged;
    try {
      if (!plain) {
        plain = std::make_unique<Runner>(std::make_unique<OwnPredictor>(options, Executor::kPlain), output, probe);
      }
      trusted = scores_of(plain->run(probe, images));
      nudged = scores_of(plain->run(rounded_otherwise(probe, options.precision), images));
    } catch (const std::exception& error) {
      checked.notice = "engine paddle's scores aren't checked, as Paddle's plain executor fails: " + reason_of(error);
      return checked;
    }
    const std::vector<float> tested = scores_of(engine.run(probe, images));
    if (tested.size() != trusted.size()) {
      checked.disagreement = std::to_string(tested.size()) + " scores instead of " + std::to_string(trusted.size());
    }
    const std::size_t row = trusted.size() / static_cast<std::size_t>(images);
    for (std::size_t at = 0; at < trusted.size() && checked.disagreement.empty(); at += row) {
      const auto scores = [&](const std::vector<float>& all) { return Span<const float>(all.data() + at, row); };
      checked.disagreement = disagreement(scores(trusted), scores(nudged), scores(tested), options.precision);
    }
  }
  return checked;
}

[[noreturn]] void throw_wrong_answers(const EngineOptions& options, const std::string& disagreement) {
  const bool bf16 = options.precision == Precision::kBf16;
  throw ModelError(options.model_path + ": engine paddle" + (bf16 ? " in bf16" : "") +
                   " disagrees with Paddle's plain executor: " + disagreement + ". Set `engine openvino`" +
                   (bf16                 ? " or `precision fp32`"
                    : options.use_mkldnn ? " or `use_mkldnn 0` (slower)"
                                         : "") +
                   ". `check_engine 0` takes the scores as they are");
}

class PaddleEngine : public Engine {
 public:
  explicit PaddleEngine(const EngineOptions& options) : options_(options) {
    auto predictor = std::make_unique<OwnPredictor>(options);
    const std::vector<NamedShape> inputs =
        predictor->work([](auto& paddle) { return named(paddle.GetInputNames(), paddle.GetInputTensorShape()); });
    const std::vector<NamedShape> outputs =
        predictor->work([](auto& paddle) { return named(paddle.GetOutputNames(), paddle.GetOutputTensorShape()); });
    check_inputs(options, inputs);
    output_ = chosen_output(options, outputs);
    check_batch(options, inputs[0].dims);
    // By running it: what a model declares may be open, and may be wrong.
    const BatchTensor zeros = first_batch();
    first_ = std::make_unique<Runner>(std::move(predictor), output_, zeros);
    class_count_ = class_count_of(options, first_->output().shape(), zeros.capacity(), outputs[output_].dims,
                                  outputs[output_].name);
    if (options.check_engine && can_be_checked(options)) {
      CheckedAnswers checked = check_answers(options, output_, zeros.capacity(), *first_);
      if (!checked.disagreement.empty()) throw_wrong_answers(options, checked.disagreement);
      notice_ = std::move(checked.notice);
    }
  }

  std::vector<std::string> notices() const override {
    return notice_.empty() ? std::vector<std::string>() : std::vector<std::string>{notice_};
  }

  int class_count() const override { return class_count_; }

  std::unique_ptr<EngineInstance> create_instance() override {
    return rethrow_as_model_error(options_, [this] {
      std::unique_ptr<Runner> runner = take_first();
      if (!runner) runner = std::make_unique<Runner>(std::make_unique<OwnPredictor>(options_), output_, first_batch());
      return std::make_unique<PaddleInstance>(std::move(runner), class_count_);
    });
  }

  std::string describe() const override {
    return std::string("Paddle Inference ") + library_version() + (options_.use_mkldnn ? ", oneDNN" : "") + ", " +
           precision_name(options_.precision) + ", " + std::to_string(options_.instances) +
           (options_.instances == 1 ? " predictor" : " predictors") + " x " +
           std::to_string(options_.threads_per_instance) +
           (options_.threads_per_instance == 1 ? " thread" : " threads");
  }

 private:
  BatchTensor first_batch() const {  // of zeros
    return BatchTensor(options_.batch_size == 1 ? 1 : 2, options_.input_px, options_.channels);
  }

  std::unique_ptr<Runner> take_first() {
    const std::lock_guard lock(mutex_);
    return std::move(first_);
  }

  EngineOptions options_;
  std::size_t output_ = 0;
  std::mutex mutex_;
  std::unique_ptr<Runner> first_;  // loaded to read the model's shapes, then used by the first instance
  int class_count_ = 0;
  std::string notice_;
};

std::unique_ptr<Engine> load(const EngineOptions& options) {
  check_format(options);
  check_paddle_files(options);
  check_precision(options);
  check_batch_norms(options);
  silence_log();
  return rethrow_as_model_error(options, [&] { return std::make_unique<PaddleEngine>(options); });
}

const EngineModule kModule{kVersion, "paddle", library_version, load};

}  // namespace
}  // namespace ppinfer

extern "C" __attribute__((visibility("default"))) const ppinfer::EngineModule* ppinfer_engine_module() {
  return &ppinfer::kModule;
}
