#include "executor/lane.h"

#include <algorithm>
#include <chrono>
#include <exception>

#include "core/image_failure.h"
#include "input/read_file.h"

namespace ppinfer {

using Clock = std::chrono::steady_clock;

Lane::Lane(const Rooms& rooms)
    : engines_(*rooms.engines),
      postprocessor_(*rooms.postprocessor),
      decoder_(rooms.decode),
      preprocessor_(rooms.plan),
      batch_(rooms.batch_size, rooms.plan.output_px, rooms.plan.output_channels) {}

void Lane::classify(std::vector<ImageInput>& inputs, std::vector<Result>& results, StageTimes& times) {
  results.resize(inputs.size());
  filled_.clear();
  for (std::size_t index = 0; index < inputs.size(); ++index) {
    Result& result = results[index];
    result.path = inputs[index].path;
    clear_answer(result);
    if (fill_slot(inputs[index], result, times)) filled_.push_back(index);
    inputs[index].keep_alive.reset();
  }
  inputs.clear();
  if (!filled_.empty()) infer(results, times);
}

bool Lane::fill_slot(const ImageInput& input, Result& result, StageTimes& times) {
  Stage stage = Stage::kRead;
  auto start = Clock::now();
  try {
    const PixelView pixels = pixels_of(input, stage, times);
    stage = Stage::kPreprocess;
    start = Clock::now();
    preprocessor_.run(pixels, batch_.slot(static_cast<int>(filled_.size())));
    times.add(stage, start);
    return true;
  } catch (const ImageFailure& failure) {
    result.error = ImageError{failure.stage(), failure.what()};
  } catch (const std::exception& error) {  // out of memory for this image, say: the next one may fit
    result.error = ImageError{stage, error.what()};
  }
  return false;
}

PixelView Lane::pixels_of(const ImageInput& input, Stage& stage, StageTimes& times) {
  if (const auto* unusable = std::get_if<UnusableInput>(&input.content)) {
    throw ImageFailure(Stage::kRead, unusable->reason);
  }
  if (const auto* pixels = std::get_if<PixelView>(&input.content)) return *pixels;
  auto start = Clock::now();
  EncodedImage encoded;
  if (const auto* given = std::get_if<EncodedImage>(&input.content)) {
    encoded = *given;
  } else {
    read_file(input.path, bytes_);
    encoded.bytes = bytes_;
    start = times.add(Stage::kRead, start);
  }
  stage = Stage::kDecode;
  decoder_.decode(encoded, image_);
  times.add(Stage::kDecode, start);
  return image_.view();
}

void Lane::infer(std::vector<Result>& results, StageTimes& times) {
  const auto instance = engines_.borrow();
  auto start = Clock::now();
  Span<const float> scores;
  try {
    scores = instance->run(batch_, static_cast<int>(filled_.size()));
  } catch (const std::exception& error) {
    times.add(Stage::kInfer, start);
    if (filled_.size() > 1) {
      infer_alone(results, *instance, times);
    } else {
      results[filled_.front()].error = ImageError{Stage::kInfer, error.what()};
    }
    return;
  }
  start = times.add(Stage::kInfer, start);
  const std::size_t classes = scores.size() / filled_.size();
  for (std::size_t slot = 0; slot < filled_.size(); ++slot) {
    process_or_fail(postprocessor_, {scores.data() + slot * classes, classes}, results[filled_[slot]]);
  }
  times.add(Stage::kPostprocess, start);
}

// A batch failed: one image may be to blame, and its neighbours must not pay for it.
void Lane::infer_alone(std::vector<Result>& results, EngineInstance& instance, StageTimes& times) {
  for (std::size_t slot = 0; slot < filled_.size(); ++slot) {
    Result& result = results[filled_[slot]];
    if (slot > 0) std::copy_n(batch_.slot(static_cast<int>(slot)), batch_.slot_values(), batch_.slot(0));
    const auto start = Clock::now();
    try {
      const Span<const float> scores = instance.run(batch_, 1);
      times.add(Stage::kInfer, start);
      process_or_fail(postprocessor_, scores, result);
    } catch (const std::exception& error) {
      result.error = ImageError{Stage::kInfer, error.what()};
    }
  }
}

}  // namespace ppinfer
