#include "executor/slot_filler.h"

#include <chrono>
#include <new>

#include "core/machine_failure.h"

namespace ppinfer {

std::optional<ImageError> SlotFiller::fill(const ImageInput& input, float* slot, StageClock& times) {
  auto error = attempt([&](Stage& stage) {
    const PixelView pixels = loader_.load(input, stage, times);
    stage = Stage::kPreprocess;
    const auto start = std::chrono::steady_clock::now();
    try {
      preprocessor_.run(pixels, slot);
    } catch (const std::bad_alloc&) {
      throw out_of_memory("preprocessing", pixels.size_px);
    }
    times.add(stage, start);
  });
  loader_.end_image();
  return error;
}

}  // namespace ppinfer
