#include "decode/orient.h"

#include <opencv2/core.hpp>
#include <utility>

namespace ppinfer {
namespace {

cv::Mat mat_of(RgbImage& image) { return {image.size_px.height, image.size_px.width, CV_8UC3, image.pixels.data()}; }

bool swaps_sides(Orientation orientation) { return orientation >= 5 && orientation <= 8; }

}  // namespace

void orient(Orientation orientation, RgbImage& image, RgbImage& scratch) {
  if (orientation < 2 || orientation > 8) return;
  scratch.size_px = image.size_px;
  if (swaps_sides(orientation)) std::swap(scratch.size_px.width, scratch.size_px.height);
  scratch.pixels.resize(image.pixels.size());
  const cv::Mat from = mat_of(image);
  cv::Mat to = mat_of(scratch);  // of the right size, so that OpenCV writes into it
  switch (orientation) {
    case 2:
      cv::flip(from, to, 1);
      break;
    case 3:
      cv::flip(from, to, -1);
      break;
    case 4:
      cv::flip(from, to, 0);
      break;
    case 5:
      cv::transpose(from, to);
      break;
    case 6:
      cv::transpose(from, to);
      cv::flip(to, to, 1);
      break;
    case 7:
      cv::transpose(from, to);
      cv::flip(to, to, -1);
      break;
    case 8:
      cv::transpose(from, to);
      cv::flip(to, to, 0);
      break;
  }
  std::swap(image, scratch);
}

}  // namespace ppinfer
