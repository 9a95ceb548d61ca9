#include "twins/preprocess_reference.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <opencv2/imgproc.hpp>

#include "twins/pil_reference.h"

namespace ppinfer {
namespace {

struct Pixels {  // [height, width, 3] uint8
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> values;

  std::uint8_t& at(int y, int x, int channel) { return values[index(y, x, channel)]; }
  int at(int y, int x, int channel) const { return values[index(y, x, channel)]; }

 private:
  std::size_t index(int y, int x, int channel) const {
    return (static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)) * 3 +
           static_cast<std::size_t>(channel);
  }
};

Pixels make_pixels(Size size_px) {
  return {size_px.width, size_px.height, std::vector<std::uint8_t>(std::size_t{3} * size_px.width * size_px.height)};
}

Pixels copy_of(const PixelView& image) {
  Pixels pixels = make_pixels(image.size_px);
  for (int y = 0; y < pixels.height; ++y) {
    for (int x = 0; x < pixels.width; ++x) {
      for (int channel = 0; channel < 3; ++channel) {
        pixels.at(y, x, channel) = image.pixels[y * image.row_stride_bytes + std::ptrdiff_t{3} * x + channel];
      }
    }
  }
  return pixels;
}

// Where a pixel of the result lies between two neighbours of the source, and the weight of each in 1/2048.
struct Tap {
  int first;
  int second;
  int first_weight;
  int second_weight;
};

// OpenCV's rule for 8-bit images. Along x a tap off the edge takes the edge pixel alone; along y it keeps both weights,
// on the same row.
std::vector<Tap> make_taps(int from_px, int to_px, bool along_x) {
  const double step = 1.0 / (static_cast<double>(to_px) / from_px);
  std::vector<Tap> taps;
  for (int index = 0; index < to_px; ++index) {
    auto place = static_cast<float>((index + 0.5) * step - 0.5);
    int first = static_cast<int>(std::floor(place));
    float fraction = place - static_cast<float>(first);
    if (along_x && (first < 0 || first >= from_px - 1)) fraction = 0;
    const auto weight = [](float share) { return static_cast<int>(std::nearbyint(share * 2048)); };
    taps.push_back({std::clamp(first, 0, from_px - 1), std::clamp(first + 1, 0, from_px - 1), weight(1.0F - fraction),
                    weight(fraction)});
  }
  return taps;
}

// Halving is the mean of four pixels, since OpenCV takes its area method for it.
Pixels halve(const Pixels& image) {
  Pixels result = make_pixels({image.width / 2, image.height / 2});
  for (int y = 0; y < result.height; ++y) {
    for (int x = 0; x < result.width; ++x) {
      for (int channel = 0; channel < 3; ++channel) {
        const int sum = image.at(2 * y, 2 * x, channel) + image.at(2 * y, 2 * x + 1, channel) +
                        image.at(2 * y + 1, 2 * x, channel) + image.at(2 * y + 1, 2 * x + 1, channel);
        result.at(y, x, channel) = static_cast<std::uint8_t>((sum + 2) / 4);
      }
    }
  }
  return result;
}

Pixels resize_bilinear(const Pixels& image, Size size_px) {
  if (image.width == 2 * size_px.width && image.height == 2 * size_px.height) return halve(image);
  const std::vector<Tap> columns = make_taps(image.width, size_px.width, true);
  const std::vector<Tap> rows = make_taps(image.height, size_px.height, false);
  Pixels result = make_pixels(size_px);
  for (int y = 0; y < result.height; ++y) {
    const Tap& row = rows[static_cast<std::size_t>(y)];
    for (int x = 0; x < result.width; ++x) {
      const Tap& column = columns[static_cast<std::size_t>(x)];
      for (int channel = 0; channel < 3; ++channel) {
        const auto across = [&](int source_y) {
          return image.at(source_y, column.first, channel) * column.first_weight +
                 image.at(source_y, column.second, channel) * column.second_weight;
        };
        // 22 fraction bits, of which OpenCV drops 4 before and 16 after the product, and rounds off the last 2.
        const int upper = (across(row.first) >> 4) * row.first_weight >> 16;
        const int lower = (across(row.second) >> 4) * row.second_weight >> 16;
        result.at(y, x, channel) = static_cast<std::uint8_t>(std::clamp((upper + lower + 2) >> 2, 0, 255));
      }
    }
  }
  return result;
}

Pixels resize_by_opencv(const Pixels& image, Size size_px, Interpolation interpolation) {
  const int flag = interpolation == Interpolation::kNearest   ? cv::INTER_NEAREST
                   : interpolation == Interpolation::kBicubic ? cv::INTER_CUBIC
                   : interpolation == Interpolation::kArea    ? cv::INTER_AREA
                                                              : cv::INTER_LANCZOS4;
  Pixels result = make_pixels(size_px);
  const cv::Mat from(image.height, image.width, CV_8UC3, const_cast<std::uint8_t*>(image.values.data()));
  cv::Mat to(size_px.height, size_px.width, CV_8UC3, result.values.data());
  cv::resize(from, to, to.size(), 0, 0, flag);
  return result;
}

Pixels resized(const Pixels& image, Size size_px, Interpolation interpolation, ResizeBackend backend) {
  require_interpolation(backend, interpolation);
  const Size image_px{image.width, image.height};
  if (size_px == image_px) return image;
  if (backend == ResizeBackend::kPil) {
    return {size_px.width, size_px.height, pil_resize_reference(image.values, image_px, size_px, interpolation)};
  }
  if (interpolation == Interpolation::kBilinear) return resize_bilinear(image, size_px);
  return resize_by_opencv(image, size_px, interpolation);
}

Pixels cropped(const Pixels& image, Size size_px) {
  const int left = (image.width - size_px.width) / 2;
  const int top = (image.height - size_px.height) / 2;
  Pixels result = make_pixels(size_px);
  for (int y = 0; y < size_px.height; ++y) {
    for (int x = 0; x < size_px.width; ++x) {
      for (int channel = 0; channel < 3; ++channel) {
        result.at(y, x, channel) = static_cast<std::uint8_t>(image.at(top + y, left + x, channel));
      }
    }
  }
  return result;
}

// 11 significant bits, fewer below 2^-14, where fp16 has steps of 2^-24.
float nearest_fp16(float value) {
  int exponent = 0;
  std::frexp(value, &exponent);
  const double step = std::ldexp(1.0, std::max(exponent - 11, -24));
  const double rounded = std::nearbyint(value / step) * step;
  constexpr double kLargest = 65504;
  if (std::abs(rounded) > kLargest) return std::copysign(std::numeric_limits<float>::infinity(), value);
  return static_cast<float>(rounded);
}

Pixels after_op(const PixelOp& op, const Pixels& image) {
  const Size next_px = size_after(op, {image.width, image.height});
  if (const auto* resize_op = std::get_if<ResizeShort>(&op)) {
    return resized(image, next_px, resize_op->interpolation, resize_op->backend);
  }
  if (const auto* resize_op = std::get_if<ResizeTo>(&op)) {
    return resized(image, next_px, resize_op->interpolation, resize_op->backend);
  }
  return cropped(image, next_px);
}

}  // namespace

std::vector<float> preprocess_reference(const PreprocessPlan& plan, const PixelView& image) {
  require_pixels(image);
  Pixels pixels = copy_of(image);
  for (const PixelOp& op : plan.pixel_ops) pixels = after_op(op, pixels);
  require_output_size(plan, {pixels.width, pixels.height});
  const Normalize& normalize = plan.normalize;
  std::vector<float> chw;
  for (int channel = 0; channel < 3; ++channel) {
    const int source_channel = image.order == normalize.order ? channel : 2 - channel;
    for (int y = 0; y < pixels.height; ++y) {
      for (int x = 0; x < pixels.width; ++x) {
        const auto pixel = static_cast<float>(pixels.at(y, x, source_channel));
        const float scaled = pixel * static_cast<float>(normalize.scale);
        const float centered = scaled - static_cast<float>(normalize.mean[channel]);
        const float value = centered / static_cast<float>(normalize.std[channel]);
        chw.push_back(normalize.round_to_fp16 ? nearest_fp16(value) : value);
      }
    }
  }
  return chw;
}

}  // namespace ppinfer
