#include "decode/opencv.h"

#include <opencv2/core.hpp>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>
#include <string>

#include "core/image_failure.h"
#include "decode/pixel_cap.h"

namespace ppinfer {
namespace {

[[noreturn]] void fail(ImageKind kind, const std::string& reason) {
  throw ImageFailure(Stage::kDecode, std::string("corrupt ") + to_string(kind) + ": " + reason);
}

// OpenCV's log goes to stderr, for the whole process at once; the codecs' part of it repeats what our reasons say.
void silence_log() {
  static const bool done = [] {
    cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
    return true;
  }();
  static_cast<void>(done);
}

cv::Mat decode_bgr(ImageKind kind, Span<const std::uint8_t> bytes) {
  // imdecode only reads, but has no way to say so.
  const cv::Mat encoded(1, static_cast<int>(bytes.size()), CV_8UC1, const_cast<std::uint8_t*>(bytes.data()));
  try {
    return cv::imdecode(encoded, cv::IMREAD_COLOR | cv::IMREAD_IGNORE_ORIENTATION);
  } catch (const cv::Exception& error) {
    fail(kind, error.err);
  }
}

void swap_red_and_blue(const std::uint8_t* bgr, int width_px, std::uint8_t* rgb) {
  for (int x = 0; x < width_px; ++x, bgr += 3, rgb += 3) {
    rgb[0] = bgr[2];
    rgb[1] = bgr[1];
    rgb[2] = bgr[0];
  }
}

}  // namespace

void decode_with_opencv(ImageKind kind, Span<const std::uint8_t> bytes, Size size_px, RgbImage& image) {
  silence_log();
  const cv::Mat bgr = decode_bgr(kind, bytes);
  if (bgr.empty()) fail(kind, "no picture could be decoded");
  const Size decoded_px{bgr.cols, bgr.rows};
  if (decoded_px != size_px && decoded_px != Size{size_px.height, size_px.width}) {
    fail(kind, "its header disagrees with its picture about the size");
  }
  allocate(image, decoded_px);
  for (int y = 0; y < bgr.rows; ++y) {
    swap_red_and_blue(bgr.ptr(y), bgr.cols, image.pixels.data() + 3 * static_cast<std::size_t>(y) * bgr.cols);
  }
}

}  // namespace ppinfer
