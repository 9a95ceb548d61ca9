#include "decode/orient.h"

#include <opencv2/core.hpp>
#include <utility>

#include "decode/pixel_cap.h"

namespace ppinfer {
namespace {

cv::Mat held_of(RgbImage& image) {
  const cv::Mat pixels(image.size_px.height, image.size_px.width, CV_8UC3, image.pixels.data());
  return pixels(cv::Rect(image.held.x, image.held.y, image.held.width, image.held.height));
}

bool swaps_sides(Orientation orientation) { return orientation >= 5 && orientation <= 8; }

// Of the stored image, as against the upright one with its sides swapped back.
bool mirrors_columns(Orientation orientation) {
  return orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
}

bool mirrors_rows(Orientation orientation) {
  return orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
}

}  // namespace

Size turned(Orientation orientation, Size size_px) {
  if (swaps_sides(orientation)) std::swap(size_px.width, size_px.height);
  return size_px;
}

Region region_before(Orientation orientation, const Region& upright, Size stored_px) {
  Region stored = upright;
  if (swaps_sides(orientation)) stored = {upright.y, upright.x, upright.height, upright.width};
  if (mirrors_columns(orientation)) stored.x = stored_px.width - stored.x - stored.width;
  if (mirrors_rows(orientation)) stored.y = stored_px.height - stored.y - stored.height;
  return stored;
}

void orient(Orientation orientation, RgbImage& image, RgbImage& scratch) {
  if (orientation < 2 || orientation > 8) return;
  allocate(scratch, turned(orientation, image.size_px));
  scratch.held = region_before(inverse(orientation), image.held, scratch.size_px);
  const cv::Mat from = held_of(image);
  cv::Mat to = held_of(scratch);  // of the right size, so that OpenCV writes into it
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
