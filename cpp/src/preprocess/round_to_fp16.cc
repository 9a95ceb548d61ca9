#include "preprocess/round_to_fp16.h"

#include <algorithm>
#include <opencv2/core.hpp>

namespace ppinfer {

void round_to_fp16(float* values, std::size_t count) {
  constexpr std::size_t kMostAtOnce = 1 << 20;  // OpenCV's sizes are int
  cv::Mat half;
  for (std::size_t first = 0; first < count; first += kMostAtOnce) {
    cv::Mat part(1, static_cast<int>(std::min(kMostAtOnce, count - first)), CV_32F, values + first);
    part.convertTo(half, CV_16F);
    half.convertTo(part, CV_32F);
  }
}

}  // namespace ppinfer
