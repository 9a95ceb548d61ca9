#include "decode/png.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "decode/orient.h"
#include "sample_images.h"

namespace ppinfer {
namespace {

using testing::HasSubstr;

RgbImage decoded(const Bytes& bytes) {
  RgbImage image, scratch;
  orient(decode_png(bytes, 0, image), image, scratch);
  return image;
}

std::string reason(const Bytes& bytes, std::int64_t max_pixels = 0) {
  RgbImage image;
  return failure_of([&] { decode_png(bytes, max_pixels, image); }, Stage::kDecode);
}

TEST(Png, EqualsOpenCvForEveryKindOfPixel) {
  for (const int type : {CV_8UC1, CV_8UC3, CV_8UC4, CV_16UC1, CV_16UC3, CV_16UC4}) {
    for (const cv::Size size : {cv::Size(1, 1), {3, 8}, {53, 41}, {400, 3}}) {
      const Bytes bytes = encode(".png", make_picture(size.width, size.height, type));
      expect_same(decoded(bytes), decoded_by_opencv(bytes),
                  cv::format("type %d, %dx%d", type, size.width, size.height));
    }
  }
}

TEST(Png, EqualsTheGoldenPixels) {
  for (const char* name : {"palette", "one_bit", "gray_alpha", "interlaced", "turned"}) {
    const std::string path = golden(std::string("decode/") + name + ".png");
    expect_same(decoded(read_bytes(path)), read_ppm(path + ".ppm"), name);
  }
}

TEST(Png, EveryTruncationIsTold) {
  const Bytes whole = encode(".png", make_picture(20, 10));
  for (std::size_t length = 8; length < whole.size(); ++length) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_THAT(reason(cut), HasSubstr("truncated PNG")) << length;
  }
}

TEST(Png, AFlippedBitIsTold) {
  Bytes bytes = encode(".png", make_picture(20, 10));
  bytes[bytes.size() / 2] ^= 1;
  EXPECT_THAT(reason(bytes), HasSubstr("corrupt PNG: IDAT"));
}

TEST(Png, TheCapIsCheckedBeforeThePixels) {
  EXPECT_EQ(reason(encode(".png", make_picture(20, 10)), 199), "20x10 px is 200 pixels, more than max_pixels 199");
  EXPECT_EQ(reason(encode(".png", make_picture(20, 10)), 200), "");
}

}  // namespace
}  // namespace ppinfer
