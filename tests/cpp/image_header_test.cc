#include "decode/image_header.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "sample_images.h"

namespace ppinfer {
namespace {

using testing::HasSubstr;

void put(Bytes& bytes, std::size_t offset, std::uint32_t value, int width_bytes) {
  for (int index = 0; index < width_bytes; ++index) {
    bytes.at(offset + static_cast<std::size_t>(index)) = static_cast<std::uint8_t>(value >> 8 * index);
  }
}

template <class Read>
std::string reason_of(const Read& read, const Bytes& bytes) {
  return failure_of([&] { read(bytes); }, Stage::kDecode);
}

TEST(ImageHeaderOfBmp, SizesOfBothDirections) {
  Bytes bytes = encode(".bmp", make_picture(7, 5));
  EXPECT_EQ(read_bmp_header(bytes).width_px, 7u);
  EXPECT_EQ(read_bmp_header(bytes).height_px, 5u);
  put(bytes, 22, static_cast<std::uint32_t>(-5), 4);  // top row first
  EXPECT_EQ(read_bmp_header(bytes).height_px, 5u);
}

TEST(ImageHeaderOfBmp, ReasonsOfWhatIsWrong) {
  const Bytes good = encode(".bmp", make_picture(7, 5));
  const auto reason_with = [&](std::size_t offset, std::uint32_t value, int width_bytes) {
    Bytes bytes = good;
    put(bytes, offset, value, width_bytes);
    return reason_of(read_bmp_header, bytes);
  };
  EXPECT_EQ(reason_of(read_bmp_header, good), "");
  EXPECT_THAT(reason_with(14, 20, 4), HasSubstr("a header of 20 bytes"));
  EXPECT_THAT(reason_with(28, 13, 2), HasSubstr("13 bits a pixel"));
  EXPECT_THAT(reason_with(30, 4, 4), HasSubstr("compression 4 is not supported"));
  EXPECT_THAT(reason_with(18, 0x80000000, 4), HasSubstr("width is negative"));
  EXPECT_THAT(reason_with(18, 60000, 4), HasSubstr("truncated BMP"));
  EXPECT_THAT(reason_with(10, 1'000'000, 4), HasSubstr("truncated BMP"));
}

TEST(ImageHeaderOfBmp, APaletteMustFit) {
  Bytes bytes = encode(".bmp", make_picture(7, 5, CV_8UC1));
  EXPECT_EQ(reason_of(read_bmp_header, bytes), "");
  put(bytes, 46, 257, 4);
  EXPECT_THAT(reason_of(read_bmp_header, bytes), HasSubstr("a palette of 257 colors"));
}

TEST(ImageHeaderOfWebp, AllThreeForms) {
  const cv::Mat picture = make_picture(301, 5);
  const Bytes lossless = encode(".webp", picture, {cv::IMWRITE_WEBP_QUALITY, 101});
  for (const Bytes& bytes : {encode(".webp", picture, {cv::IMWRITE_WEBP_QUALITY, 80}), lossless}) {
    EXPECT_EQ(read_webp_header(bytes).width_px, 301u);
    EXPECT_EQ(read_webp_header(bytes).height_px, 5u);
  }
  const Bytes extended = read_bytes(golden("decode/turned.webp"));
  EXPECT_EQ(read_webp_header(extended).width_px, 23u);
  EXPECT_EQ(read_webp_header(extended).height_px, 17u);
  EXPECT_EQ(read_webp_header(extended).orientation, 6);
}

TEST(ImageHeaderOfWebp, ReasonsOfWhatIsWrong) {
  Bytes animated = read_bytes(golden("decode/turned.webp"));
  animated[20] |= 2;
  EXPECT_TRUE(read_webp_header(animated).is_animated);
  Bytes cut = read_bytes(golden("decode/turned.webp"));
  cut.pop_back();
  EXPECT_THAT(reason_of(read_webp_header, cut), HasSubstr("truncated WebP"));
}

// A directory at the start of the file, as OpenCV doesn't write it.
Bytes tiff(bool big_endian, std::uint32_t width, std::uint32_t height, std::uint32_t strip_bytes) {
  Bytes bytes;
  const auto add = [&](std::uint32_t value, int width_bytes) {
    for (int index = 0; index < width_bytes; ++index) {
      const int shift = 8 * (big_endian ? width_bytes - 1 - index : index);
      bytes.push_back(static_cast<std::uint8_t>(value >> shift));
    }
  };
  const auto entry = [&](std::uint32_t tag, std::uint32_t value) {
    add(tag, 2);
    add(4, 2);  // LONG
    add(1, 4);
    add(value, 4);
  };
  bytes.assign(2, big_endian ? 'M' : 'I');
  add(42, 2);
  add(8, 4);
  add(4, 2);
  entry(256, width);
  entry(257, height);
  entry(273, 62);
  entry(279, strip_bytes);
  add(0, 4);
  bytes.resize(72);
  return bytes;
}

TEST(ImageHeaderOfTiff, BothByteOrdersAndWhatTheyPointTo) {
  for (const bool big_endian : {false, true}) {
    const ImageHeader header = read_tiff_header(tiff(big_endian, 60000, 50000, 10));
    EXPECT_EQ(header.width_px, 60000u);
    EXPECT_EQ(header.height_px, 50000u);
    EXPECT_THAT(reason_of(read_tiff_header, tiff(big_endian, 4, 4, 11)), HasSubstr("truncated TIFF"));
  }
}

TEST(ImageHeaderOfTiff, ReadsWhatOpenCvWrites) {
  const ImageHeader header = read_tiff_header(encode(".tiff", make_picture(33, 21)));
  EXPECT_EQ(header.width_px, 33u);
  EXPECT_EQ(header.height_px, 21u);
  EXPECT_EQ(header.orientation, 1);
}

TEST(ImageHeader, EveryTruncationFailsWithAReasonOrReadsSafely) {
  const cv::Mat picture = make_picture(9, 7);
  const std::vector<std::pair<std::function<ImageHeader(const Bytes&)>, Bytes>> cases{
      {[](const Bytes& bytes) { return read_bmp_header(bytes); }, encode(".bmp", picture)},
      {[](const Bytes& bytes) { return read_webp_header(bytes); }, encode(".webp", picture)},
      {[](const Bytes& bytes) { return read_webp_header(bytes); }, read_bytes(golden("decode/turned.webp"))},
      {[](const Bytes& bytes) { return read_tiff_header(bytes); }, encode(".tiff", picture)},
      {[](const Bytes& bytes) { return read_tiff_header(bytes); }, tiff(true, 4, 4, 10)},
  };
  for (const auto& [read, whole] : cases) {
    for (std::size_t length = 4; length < whole.size(); ++length) {
      const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
      const std::string reason = reason_of(read, cut);
      if (reason.empty()) continue;  // the header was whole already
      EXPECT_THAT(reason, HasSubstr("truncated")) << length;
    }
  }
}

}  // namespace
}  // namespace ppinfer
