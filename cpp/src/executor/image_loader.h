// An input's pixels, whatever it is: read and decoded, or as given.
#pragma once

#include <cstdint>
#include <exception>
#include <optional>
#include <vector>

#include "core/image_failure.h"
#include "core/rgb_image.h"
#include "decode/decoder.h"
#include "executor/stage_times.h"
#include "ppinfer/image.h"

namespace ppinfer {

// Does `work(stage)`, which keeps `stage` at the one under way; gives whatever it throws as that image's error.
template <class Work>
std::optional<ImageError> attempt(const Work& work) {
  Stage stage = Stage::kRead;
  try {
    work(stage);
    return std::nullopt;
  } catch (const ImageFailure& failure) {
    return ImageError{failure.stage(), failure.what()};
  } catch (const std::exception& error) {  // out of memory for this image, say: the next one may fit
    return ImageError{stage, error.what()};
  }
}

// Keeps its memory from image to image. Not for two threads at once.
class ImageLoader {
 public:
  explicit ImageLoader(DecodeOptions options) : decoder_(std::move(options)) {}

  // Valid until the next call, and as long as what `input` borrows. Throws ImageFailure and what else may go wrong.
  PixelView load(const ImageInput& input, Stage& stage, StageTimes& times);

  // The pixels that load() gave last, with their memory: of no input that came as pixels.
  RgbImage take() { return std::move(image_); }

 private:
  Decoder decoder_;
  std::vector<std::uint8_t> bytes_;
  RgbImage image_;
};

}  // namespace ppinfer
