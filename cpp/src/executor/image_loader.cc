#include "executor/image_loader.h"

#include <chrono>

#include "input/read_input.h"

namespace ppinfer {

PixelView ImageLoader::load(const ImageInput& input, Stage& stage, StageTimes& times) {
  if (const auto* unusable = std::get_if<UnusableInput>(&input.content)) {
    throw ImageFailure(Stage::kRead, unusable->reason);
  }
  if (const auto* pixels = std::get_if<PixelView>(&input.content)) return *pixels;
  auto start = std::chrono::steady_clock::now();
  EncodedImage encoded;
  if (const auto* given = std::get_if<EncodedImage>(&input.content)) {
    encoded = *given;
  } else {
    read_input(input.path, bytes_);
    encoded.bytes = bytes_;
    start = times.add(Stage::kRead, start);
  }
  stage = Stage::kDecode;
  decoder_.decode(encoded, image_);
  times.add(Stage::kDecode, start);
  return image_.view();
}

}  // namespace ppinfer
