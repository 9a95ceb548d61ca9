#include "executor/slot_filler.h"

#include <chrono>

namespace ppinfer {

std::optional<ImageError> SlotFiller::fill(const ImageInput& input, float* slot, StageTimes& times) {
  return attempt([&](Stage& stage) {
    const PixelView pixels = loader_.load(input, stage, times);
    stage = Stage::kPreprocess;
    const auto start = std::chrono::steady_clock::now();
    preprocessor_.run(pixels, slot);
    times.add(stage, start);
  });
}

}  // namespace ppinfer
