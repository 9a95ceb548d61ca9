// Pictures that tests make up, encode and read back, with OpenCV as the judge.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "core/image_failure.h"
#include "core/rgb_image.h"

namespace ppinfer {

using Bytes = std::vector<std::uint8_t>;

// Soft shapes with a little noise, of any type of 1, 3 or 4 channels; always the same for the same arguments.
inline cv::Mat make_picture(int width_px, int height_px, int type = CV_8UC3) {
  cv::RNG random(static_cast<std::uint64_t>(width_px) * 1000 + static_cast<std::uint64_t>(height_px));
  const double top = CV_MAT_DEPTH(type) == CV_16U ? 65535 : 255;
  cv::Mat coarse(4, 5, type), picture, noise(height_px, width_px, type);
  random.fill(coarse, cv::RNG::UNIFORM, 0, top);
  random.fill(noise, cv::RNG::UNIFORM, 0, top / 8);
  cv::resize(coarse, picture, {width_px, height_px}, 0, 0, cv::INTER_CUBIC);
  return picture + noise;
}

inline Bytes encode(const std::string& ending, const cv::Mat& picture, const std::vector<int>& settings = {}) {
  Bytes bytes;
  if (!cv::imencode(ending, picture, bytes, settings)) ADD_FAILURE() << "OpenCV can't write " << ending;
  return bytes;
}

inline RgbImage rgb_of(const cv::Mat& bgr) {
  RgbImage image;
  image.size_px = {bgr.cols, bgr.rows};
  for (int y = 0; y < bgr.rows; ++y) {
    for (int x = 0; x < bgr.cols; ++x) {
      const auto& pixel = bgr.at<cv::Vec3b>(y, x);
      image.pixels.insert(image.pixels.end(), {pixel[2], pixel[1], pixel[0]});
    }
  }
  return image;
}

inline RgbImage decoded_by_opencv(const Bytes& bytes) { return rgb_of(cv::imdecode(bytes, cv::IMREAD_COLOR)); }

inline void expect_same(const RgbImage& got, const RgbImage& expected, const std::string& what, int tolerance = 0) {
  ASSERT_EQ(got.size_px.width, expected.size_px.width) << what;
  ASSERT_EQ(got.size_px.height, expected.size_px.height) << what;
  ASSERT_EQ(got.pixels.size(), expected.pixels.size()) << what;
  int largest = 0;
  for (std::size_t index = 0; index < got.pixels.size(); ++index) {
    largest = std::max(largest, std::abs(int{got.pixels[index]} - int{expected.pixels[index]}));
  }
  EXPECT_LE(largest, tolerance) << what;
}

inline Bytes read_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) ADD_FAILURE() << "can't open " << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

inline std::string golden(const std::string& name) { return PPINFER_SOURCE_DIR "/tests/golden/" + name; }

inline RgbImage read_ppm(const std::string& path) {
  const Bytes bytes = read_bytes(path);
  RgbImage image;
  std::istringstream text(std::string(bytes.begin(), bytes.end()));
  std::string magic;
  int top = 0;
  text >> magic >> image.size_px.width >> image.size_px.height >> top;
  const auto count = 3 * static_cast<std::ptrdiff_t>(image.size_px.width) * image.size_px.height;
  if (magic != "P6" || top != 255 || static_cast<std::ptrdiff_t>(bytes.size()) <= count) {
    ADD_FAILURE() << path << " is no PPM";
    return image;
  }
  image.pixels.assign(bytes.end() - count, bytes.end());
  return image;
}

// The reason of the ImageFailure that `action` throws; "" when it throws none.
template <class Action>
std::string failure_of(const Action& action, Stage stage) {
  try {
    action();
  } catch (const ImageFailure& failure) {
    EXPECT_EQ(failure.stage(), stage) << failure.what();
    return failure.what();
  }
  return "";
}

}  // namespace ppinfer
