#include "executor/stage_costs.h"

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "core/batch_tensor.h"
#include "core/machine_failure.h"
#include "engine/fork_gate.h"
#include "executor/slot_filler.h"
#include "executor/stage_clock.h"
#include "ppinfer/error.h"

namespace ppinfer {
namespace {

using Clock = std::chrono::steady_clock;

// Images whose scores and answers are kept for the stages behind the engine: real ones, of more than one image.
constexpr int kKeptImages = 16;

class StageMeter {
 public:
  StageMeter(const Pipeline& pipeline, const Postprocessor& postprocessor, const std::vector<ImageInput>& inputs,
             double seconds, const std::function<void()>& on_check)
      : pipeline_(pipeline),
        postprocessor_(postprocessor),
        inputs_(inputs),
        seconds_(seconds),
        on_check_(on_check),
        filler_(pipeline.decode, pipeline.plan),
        batch_(pipeline.batch_size, pipeline.plan.output_px, pipeline.plan.output_channels) {
    if (inputs.empty()) throw Error("no image to measure the stages on");
  }

  StageTimes measure(ResultSink& sink) {
    StageTimes costs;
    warm_up();
    fill_passes(costs);
    costs.infer_ms = infer_ms();
    costs.postprocess_ms = ms_an_image([&] {
      for (std::size_t image = 0; image < results_.size(); ++image) process(image);
    });
    costs.write_ms = ms_an_image([&] {
      for (const Result& result : results_) sink.write(result);
    });
    return costs;
  }

 private:
  // Full batches go all the way, of the first images again where there are too few, and their scores are kept.
  void warm_up() {
    const auto instance = pipeline_.engines->borrow();
    StageClock unused;
    std::size_t next = 0;
    for (int batch = 0; batch < std::max(1, kKeptImages / pipeline_.batch_size); ++batch) {
      for (int slot = 0; slot < pipeline_.batch_size; ++slot) {
        const ImageInput& input = inputs_[next++ % inputs_.size()];
        fill(input, batch_.slot(slot), unused);
        results_.emplace_back();
        results_.back().path = input.path;
      }
      const Span<const float> scores = run(*instance);
      scores_.insert(scores_.end(), scores.begin(), scores.end());
    }
  }

  void fill(const ImageInput& input, float* slot, StageClock& times) {
    if (const auto error = filler_.fill(input, slot, times)) throw_without_result(input.path, *error);
    on_check_();
  }

  // A stage finds its input in the cache, where the stage before has just left it, as in a lane.
  void fill_passes(StageTimes& costs) {
    StageClock times;
    double images = 0;
    const auto start = Clock::now();
    do {
      for (const ImageInput& input : inputs_) fill(input, batch_.slot(0), times);
      images += static_cast<double>(inputs_.size());
    } while (!is_over(start));
    costs.read_ms = times.ms(Stage::kRead) / images;
    costs.decode_ms = times.ms(Stage::kDecode) / images;
    costs.preprocess_ms = times.ms(Stage::kPreprocess) / images;
  }

  // Always of the same batch: in a lane, too, the engine finds its input in the cache, and what it does depends on the
  // shape of it alone.
  double infer_ms() {
    const auto instance = pipeline_.engines->borrow();
    run(*instance);  // warms up caches after the other stages
    StageClock times;
    double images = 0;
    const auto start = Clock::now();
    do {
      const auto run_start = Clock::now();
      run(*instance);
      times.add(Stage::kInfer, run_start);
      images += pipeline_.batch_size;
      on_check_();
    } while (!is_over(start));
    return times.ms(Stage::kInfer) / images;
  }

  Span<const float> run(EngineInstance& instance) {
    const EngineWork work;
    return instance.run(batch_, pipeline_.batch_size);
  }

  void process(std::size_t image) {
    Result& result = results_[image];
    const std::size_t classes = scores_.size() / results_.size();
    process_or_fail(postprocessor_, {scores_.data() + image * classes, classes}, result);
    if (!result.ok()) throw_without_result(result.path, *result.error);
  }

  // Of `sweep`, which does its stage for each kept image.
  template <class Sweep>
  double ms_an_image(const Sweep& sweep) {
    sweep();  // warms up
    std::int64_t sweeps = 0;
    const auto start = Clock::now();
    do {
      sweep();
      ++sweeps;
      on_check_();
    } while (!is_over(start));
    const std::chrono::duration<double, std::milli> spent = Clock::now() - start;
    return spent.count() / static_cast<double>(sweeps) / static_cast<double>(results_.size());
  }

  bool is_over(Clock::time_point start) const {
    return std::chrono::duration<double>(Clock::now() - start).count() >= seconds_;
  }

  const Pipeline& pipeline_;
  const Postprocessor& postprocessor_;
  const std::vector<ImageInput>& inputs_;
  const double seconds_;
  const std::function<void()>& on_check_;
  SlotFiller filler_;
  BatchTensor batch_;
  std::vector<float> scores_;    // [kept images, classes]
  std::vector<Result> results_;  // [kept images]
};

}  // namespace

StageTimes stage_costs(const Pipeline& pipeline, const Postprocessor& postprocessor,
                       const std::vector<ImageInput>& inputs, double seconds, ResultSink& sink,
                       const std::function<void()>& on_check) {
  return StageMeter(pipeline, postprocessor, inputs, seconds, on_check).measure(sink);
}

}  // namespace ppinfer
