// An input in, one CHW float32 slot of the batch out: all that comes before the engine.
#pragma once

#include <optional>

#include "executor/image_loader.h"
#include "executor/stage_clock.h"
#include "ppinfer/image.h"
#include "ppinfer/result.h"
#include "preprocess/preprocessor.h"

namespace ppinfer {

// Keeps its memory from image to image. Not for two threads at once.
class SlotFiller {
 public:
  SlotFiller(const DecodeOptions& decode, const PreprocessPlan& plan) : loader_(decode), preprocessor_(plan) {}

  // Writes 3 * output height * output width floats of the plan. An error: the slot is unspecified.
  std::optional<ImageError> fill(const ImageInput& input, float* slot, StageClock& times);

 private:
  ImageLoader loader_;
  Preprocessor preprocessor_;
};

}  // namespace ppinfer
