#include "own_predictor.h"

#include <iostream>

#include "predictor_gate.h"
#include "program_output.h"
#include "rare_freeing.h"
#include "silent_thread.h"
#include "wrong_passes.h"

namespace ppinfer {
namespace {

PredictorGate gate;

std::shared_ptr<paddle_infer::Predictor> create(const EngineOptions& options, Executor executor) {
  const ProgramFile program(options);
  paddle::AnalysisConfig config(program.path(), options.params_path);
  config.DisableGlogInfo();
  config.SetCpuMathLibraryNumThreads(options.threads_per_instance);
  if (executor == Executor::kPlain) {
    config.DisableMKLDNN();
    config.SwitchIrOptim(0);
  } else if (options.use_mkldnn) {
    config.EnableMKLDNN();
    config.SetMkldnnCacheCapacity(options.mkldnn_cache_capacity);
    if (options.precision == Precision::kBf16) config.EnableMkldnnBfloat16();
    if (options.precision == Precision::kInt8) config.EnableMkldnnInt8({});  // no names: every operator that it can
  } else {
    config.DisableMKLDNN();
  }
  delete_wrong_passes(config, options.format);
  const SilentThread silent(std::cerr);  // its int8 passes say there what they did, whatever the log's settings are
  return paddle_infer::CreatePredictor(config);
}

}  // namespace

OwnPredictor::OwnPredictor(const EngineOptions& options, Executor executor) {
  const auto alone = gate.to_change();
  try {
    thread_->run([&] { predictor_ = create(options, executor); });
  } catch (...) {
    end();
    throw;
  }
}

OwnPredictor::~OwnPredictor() {
  const auto alone = gate.to_change();
  end();
}

void OwnPredictor::end() {
  thread_->run([this] { predictor_.reset(); });
  thread_.reset();
}

bool OwnPredictor::run_first(const std::vector<paddle::Tensor>& inputs, std::vector<paddle::Tensor>& outputs) {
  const auto alone = gate.to_change();
  const RareFreeing rare_freeing;
  bool done = false;
  thread_->run([&] {
    const SilentThread silent(std::cout);  // Paddle 3.3 prints a line there as it picks the kernel of a mean
    done = predictor_->Run(inputs, &outputs);
  });
  return done;
}

bool OwnPredictor::run(const std::vector<paddle::Tensor>& inputs, std::vector<paddle::Tensor>& outputs) {
  const auto running = gate.to_run();
  bool done = false;
  thread_->run([&] { done = predictor_->Run(inputs, &outputs); });
  return done;
}

}  // namespace ppinfer
