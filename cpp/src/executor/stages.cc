#include "executor/stages.h"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <variant>

#include "core/machine_failure.h"
#include "executor/image_loader.h"
#include "executor/slot_filler.h"
#include "executor/stage_clock.h"
#include "ppinfer/decode.h"
#include "ppinfer/error.h"

namespace ppinfer {
namespace {

RgbPixels copy_of(const PixelView& view) {
  RgbPixels copy{view.size_px, {}};
  const std::size_t row_bytes = 3 * static_cast<std::size_t>(view.size_px.width);
  copy.pixels.reserve(row_bytes * static_cast<std::size_t>(view.size_px.height));
  for (int y = 0; y < view.size_px.height; ++y) {
    const std::uint8_t* const row = view.pixels + y * view.row_stride_bytes;
    copy.pixels.insert(copy.pixels.end(), row, row + row_bytes);
  }
  if (view.order == ChannelOrder::kRgb) return copy;
  for (std::size_t first = 0; first < copy.pixels.size(); first += 3) {
    std::swap(copy.pixels[first], copy.pixels[first + 2]);
  }
  return copy;
}

}  // namespace

RgbPixels decoded(const ImageInput& input, DecodeOptions options) {
  options.needed_region = nullptr;
  ImageLoader loader(std::move(options));
  StageClock times;
  RgbPixels image;
  const auto error = attempt([&](Stage& stage) {
    const PixelView view = loader.load(input, stage, times);
    if (std::holds_alternative<PixelView>(input.content)) {
      image = copy_of(view);
    } else {
      image = {view.size_px, loader.take().pixels};
    }
  });
  if (error) throw_without_result(input.path, *error);
  return image;
}

std::vector<float> preprocessed(const ImageInput& input, const DecodeOptions& options, const PreprocessPlan& plan) {
  // Zeros, as a lane's slots are at first: a fourth channel stays so.
  std::vector<float> tensor(static_cast<std::size_t>(plan.output_channels) *
                            static_cast<std::size_t>(plan.output_px.width) *
                            static_cast<std::size_t>(plan.output_px.height));
  StageClock times;
  if (const auto error = SlotFiller(options, plan).fill(input, tensor.data(), times)) {
    throw_without_result(input.path, *error);
  }
  return tensor;
}

RgbPixels resized(const ImageInput& input, const DecodeOptions& options, PreprocessPlan plan) {
  plan.normalize = Normalize{1, {0, 0, 0}, {1, 1, 1}, ChannelOrder::kRgb, false};  // leaves each pixel as it is
  plan.output_channels = 3;
  const std::vector<float> planes = preprocessed(input, options, plan);
  RgbPixels image{plan.output_px, std::vector<std::uint8_t>(planes.size())};
  const std::size_t plane_values = planes.size() / 3;
  for (std::size_t pixel = 0; pixel < plane_values; ++pixel) {
    for (std::size_t channel = 0; channel < 3; ++channel) {
      image.pixels[3 * pixel + channel] = static_cast<std::uint8_t>(planes[channel * plane_values + pixel]);
    }
  }
  return image;
}

RgbPixels decode(const ImageInput& input, const DecodeLimits& limits) {
  DecodeOptions options;
  options.exif_rotate = limits.exif_rotate;
  options.max_pixels = limits.max_pixels;
  return decoded(input, std::move(options));
}

}  // namespace ppinfer
