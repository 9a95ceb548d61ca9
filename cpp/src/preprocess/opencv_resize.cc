#include "preprocess/opencv_resize.h"

#include <new>
#include <opencv2/imgproc.hpp>
#include <string>

#include "core/checked_math.h"
#include "core/image_failure.h"

namespace ppinfer {
namespace {

// OpenCV makes all of a resized image, also where a crop follows: 1 GB of one that is 1 px wide and 6,000 px high.
constexpr std::size_t kMostBytes = std::size_t{256} << 20;

int opencv_flag(Interpolation interpolation) {
  switch (interpolation) {
    case Interpolation::kNearest:
      return cv::INTER_NEAREST;
    case Interpolation::kBilinear:
      return cv::INTER_LINEAR;
    case Interpolation::kBicubic:
      return cv::INTER_CUBIC;
    case Interpolation::kArea:
      return cv::INTER_AREA;
    case Interpolation::kLanczos:
      return cv::INTER_LANCZOS4;
    default:
      throw ImageFailure(Stage::kPreprocess, "OpenCV has no such interpolation");
  }
}

void turn_threads_off() {
  static const bool done = [] {
    cv::setNumThreads(1);
    return true;
  }();
  static_cast<void>(done);
}

}  // namespace

cv::Mat mat_of(const PixelView& image) {
  return {image.size_px.height, image.size_px.width, CV_8UC3, const_cast<std::uint8_t*>(image.pixels),
          static_cast<std::size_t>(image.row_stride_bytes)};
}

cv::Mat resize(const cv::Mat& image, Size resized_px, Interpolation interpolation, std::vector<std::uint8_t>& memory) {
  turn_threads_off();
  const auto row_bytes = checked_multiply(3, static_cast<std::size_t>(resized_px.width));
  const auto needed_bytes = checked_multiply(row_bytes, static_cast<std::size_t>(resized_px.height));
  if (needed_bytes > kMostBytes) {
    throw ImageFailure(Stage::kPreprocess, "resized to " + std::to_string(resized_px.width) + "x" +
                                               std::to_string(resized_px.height) +
                                               " px the image would take more than 256 MiB");
  }
  if (memory.size() < needed_bytes) memory.resize(needed_bytes);
  cv::Mat resized(resized_px.height, resized_px.width, CV_8UC3, memory.data());
  try {
    cv::resize(image, resized, resized.size(), 0, 0, opencv_flag(interpolation));
  } catch (const cv::Exception& error) {
    if (error.code == cv::Error::StsNoMem) throw std::bad_alloc();
    throw ImageFailure(Stage::kPreprocess, "OpenCV cannot resize the image: " + error.err);
  }
  return resized;
}

}  // namespace ppinfer
