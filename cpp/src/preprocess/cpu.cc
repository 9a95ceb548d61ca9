#include <array>
#include <cstddef>
#include <opencv2/core.hpp>
#include <utility>

#include "core/image_failure.h"
#include "preprocess/opencv_resize.h"
#include "preprocess/preprocessor.h"

namespace ppinfer {
namespace {

using ChannelTable = std::array<float, 256>;  // what each pixel value becomes

ChannelTable make_table(const Normalize& normalize, std::size_t channel) {
  const auto scale = static_cast<float>(normalize.scale);
  const auto mean = static_cast<float>(normalize.mean[channel]);
  const auto std = static_cast<float>(normalize.std[channel]);
  ChannelTable table;
  for (std::size_t pixel = 0; pixel < table.size(); ++pixel) {
    table[pixel] = (static_cast<float>(pixel) * scale - mean) / std;
  }
  return table;
}

cv::Mat center(const cv::Mat& image, Size crop_px) {  // a view
  const cv::Point corner((image.cols - crop_px.width) / 2, (image.rows - crop_px.height) / 2);
  return image(cv::Rect(corner, cv::Size(crop_px.width, crop_px.height)));
}

}  // namespace

struct Preprocessor::Scratch {
  std::array<ChannelTable, 3> tables;                // in the model's channel order
  std::array<std::vector<std::uint8_t>, 2> resized;  // taken in turns by the resizes of a plan
  std::size_t turn = 0;

  cv::Mat apply(const PixelOp& op, const cv::Mat& image) {
    const Size image_px{image.cols, image.rows};
    const Size next_px = size_after(op, image_px);
    if (std::holds_alternative<CenterCrop>(op)) return center(image, next_px);
    if (next_px == image_px) return image;  // OpenCV copies, whatever the interpolation
    const auto* shorter = std::get_if<ResizeShort>(&op);
    turn = 1 - turn;
    return resize(image, next_px, shorter != nullptr ? shorter->interpolation : std::get<ResizeTo>(op).interpolation,
                  resized[turn]);
  }

  // Interleaved bytes to normalised planes, in one pass.
  void pack(const cv::Mat& image, bool reverse_channels, float* slot) const {
    const std::size_t plane_values = image.total();
    float* planes[3] = {slot, slot + plane_values, slot + 2 * plane_values};
    const ChannelTable* table[3] = {&tables[0], &tables[1], &tables[2]};
    if (reverse_channels) {
      std::swap(planes[0], planes[2]);
      std::swap(table[0], table[2]);
    }
    const auto width = static_cast<std::size_t>(image.cols);
    for (int y = 0; y < image.rows; ++y) {
      const std::uint8_t* const row = image.ptr(y);
      for (std::size_t x = 0; x < width; ++x) {
        planes[0][x] = (*table[0])[row[3 * x]];
        planes[1][x] = (*table[1])[row[3 * x + 1]];
        planes[2][x] = (*table[2])[row[3 * x + 2]];
      }
      for (float*& plane : planes) plane += width;
    }
  }
};

Preprocessor::Preprocessor(PreprocessPlan plan) : plan_(std::move(plan)), scratch_(std::make_unique<Scratch>()) {
  for (std::size_t channel = 0; channel < 3; ++channel) {
    scratch_->tables[channel] = make_table(plan_.normalize, channel);
  }
}

Preprocessor::~Preprocessor() = default;
Preprocessor::Preprocessor(Preprocessor&&) noexcept = default;

void Preprocessor::run(const PixelView& image, float* slot) {
  require_pixels(image);
  cv::Mat current = mat_of(image);
  for (const PixelOp& op : plan_.pixel_ops) current = scratch_->apply(op, current);
  require_output_size(plan_, {current.cols, current.rows});
  scratch_->pack(current, image.order != plan_.normalize.order, slot);
}

}  // namespace ppinfer
