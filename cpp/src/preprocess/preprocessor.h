// Pixels in, one CHW float32 slot of the batch out. The engine's exact input.
#pragma once

#include <memory>

#include "core/rgb_image.h"
#include "preprocess/plan.h"

namespace ppinfer {

// One a lane: it keeps its scratch memory. Not for two threads at once.
class Preprocessor {
 public:
  explicit Preprocessor(PreprocessPlan plan);
  ~Preprocessor();
  Preprocessor(Preprocessor&&) noexcept;

  // Writes 3 * output height * output width floats. Throws ImageFailure(kPreprocess): image smaller than the crop, ...
  void run(const PixelView& image, float* slot);

 private:
  struct Scratch;
  void fill_planes(const PixelView& image, float* slot);

  PreprocessPlan plan_;
  std::unique_ptr<Scratch> scratch_;
};

}  // namespace ppinfer
