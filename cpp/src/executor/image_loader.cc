#include "executor/image_loader.h"

#include <chrono>

#include "core/kept_memory.h"
#include "input/read_input.h"

namespace ppinfer {

PixelView ImageLoader::load(const ImageInput& input, Stage& stage, StageClock& times) {
  if (const auto* unusable = std::get_if<UnusableInput>(&input.content)) {
    throw ImageFailure(unusable->stage, unusable->reason);
  }
  if (const auto* pixels = std::get_if<PixelView>(&input.content)) return *pixels;
  auto start = std::chrono::steady_clock::now();
  EncodedImage encoded;
  if (const auto* given = std::get_if<EncodedImage>(&input.content)) {
    encoded = *given;
  } else {
    read_input(input, bytes_, [this](Span<const std::uint8_t> first, std::uint64_t file_bytes) {
      return decoder_.useful_file_bytes(first, file_bytes);
    });
    encoded.bytes = bytes_;
    start = times.add(Stage::kRead, start);
  }
  stage = Stage::kDecode;
  decoder_.decode(encoded, image_);
  times.add(Stage::kDecode, start);
  return image_.view();
}

void ImageLoader::end_image() {
  give_back_if_large(bytes_);
  give_back_if_large(image_.pixels);
  decoder_.end_image();
}

}  // namespace ppinfer
