#include "executor/lane.h"

#include <algorithm>
#include <chrono>
#include <exception>

#include "core/machine_failure.h"
#include "engine/fork_gate.h"

namespace ppinfer {

using Clock = std::chrono::steady_clock;

namespace {

// `result` may still hold what was made of an earlier image, whose memory a good one uses again.
void fail(Result& result, ImageError error) {
  clear_answer(result);
  result.error = std::move(error);
}

}  // namespace

Lane::Lane(const Pipeline& pipeline)
    : engines_(*pipeline.engines),
      filler_(pipeline.decode, pipeline.plan),
      batch_(pipeline.batch_size, pipeline.plan.output_px, pipeline.plan.output_channels) {}

void Lane::classify(const Postprocessor& postprocessor, std::vector<ImageInput>& inputs, std::vector<Result>& results,
                    StageClock& times) {
  results.resize(inputs.size());
  filled_.clear();
  for (std::size_t index = 0; index < inputs.size(); ++index) {
    Result& result = results[index];
    result.path = inputs[index].path;
    auto error = filler_.fill(inputs[index], batch_.slot(static_cast<int>(filled_.size())), times);
    if (error) {
      fail(result, std::move(*error));
    } else {
      filled_.push_back(index);
    }
    inputs[index].keep_alive.reset();
  }
  if (!filled_.empty()) infer(postprocessor, results, times);
  inputs.clear();
}

void Lane::infer(const Postprocessor& postprocessor, std::vector<Result>& results, StageClock& times) {
  const auto instance = engines_.borrow();
  const EngineWork work;
  auto start = Clock::now();
  Span<const float> scores;
  try {
    scores = instance->run(batch_, static_cast<int>(filled_.size()));
  } catch (const std::exception&) {
    times.add(Stage::kInfer, start);
    if (filled_.size() > 1) {
      infer_alone(postprocessor, results, *instance, times);
    } else {
      fail(results[filled_.front()], error_at(Stage::kInfer));
    }
    return;
  }
  start = times.add(Stage::kInfer, start);
  const std::size_t classes = scores.size() / filled_.size();
  for (std::size_t slot = 0; slot < filled_.size(); ++slot) {
    process_or_fail(postprocessor, {scores.data() + slot * classes, classes}, results[filled_[slot]]);
  }
  times.add(Stage::kPostprocess, start);
}

// A batch failed: one image may be to blame, and its neighbours must not pay for it.
void Lane::infer_alone(const Postprocessor& postprocessor, std::vector<Result>& results, EngineInstance& instance,
                       StageClock& times) {
  for (std::size_t slot = 0; slot < filled_.size(); ++slot) {
    Result& result = results[filled_[slot]];
    if (slot > 0) std::copy_n(batch_.slot(static_cast<int>(slot)), batch_.slot_values(), batch_.slot(0));
    const auto start = Clock::now();
    try {
      const Span<const float> scores = instance.run(batch_, 1);
      times.add(Stage::kInfer, start);
      process_or_fail(postprocessor, scores, result);
    } catch (const std::exception&) {
      fail(result, error_at(Stage::kInfer));
    }
  }
}

}  // namespace ppinfer
