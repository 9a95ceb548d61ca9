// The pixels of every kind of input: read and decoded, or as given.
#pragma once

#include <cstdint>
#include <exception>
#include <optional>
#include <vector>

#include "core/machine_failure.h"
#include "core/rgb_image.h"
#include "decode/decoder.h"
#include "executor/stage_clock.h"
#include "ppinfer/image.h"

namespace ppinfer {

// Calls `work(stage)`, which sets `stage` to its current stage, and returns its exception as the image's error.
template <class Work>
std::optional<ImageError> attempt(const Work& work) {
  Stage stage = Stage::kRead;
  try {
    work(stage);
    return std::nullopt;
  } catch (const std::exception&) {
    return error_at(stage);
  }
}

// Keeps its memory from image to image. Not for two threads at once.
class ImageLoader {
 public:
  explicit ImageLoader(DecodeOptions options) : decoder_(std::move(options)) {}

  // Valid until the next call, and as long as what `input` borrows. Throws ImageFailure and what else may go wrong.
  PixelView load(const ImageInput& input, Stage& stage, StageClock& times);

  // Gives back the memory that only a large image needs. Ends what load() gave.
  void end_image();

  // The pixels that load() gave last, with their memory: of no input that came as pixels.
  RgbImage take() { return std::move(image_); }

 private:
  Decoder decoder_;
  std::vector<std::uint8_t> bytes_;
  RgbImage image_;
};

}  // namespace ppinfer
