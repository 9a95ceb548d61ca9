// cv::resize, with its memory and its errors made ours.
#pragma once

#include <cstdint>
#include <opencv2/core.hpp>
#include <vector>

#include "ppinfer/image.h"

namespace ppinfer {

// Borrows the pixels: CV_8UC3, to be read only (OpenCV has no view of constant pixels).
cv::Mat mat_of(const PixelView& image);

// Into `memory`, which grows as needed and which the returned view borrows. `image` must not lie in it. Throws
// ImageFailure(kPreprocess). The first call turns OpenCV's threads off for the whole process: lanes are the threads
// here, and OpenCV has no narrower setting.
cv::Mat resize(const cv::Mat& image, Size resized_px, Interpolation interpolation, std::vector<std::uint8_t>& memory);

}  // namespace ppinfer
