#include "decode/jpeg.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "decode/orient.h"
#include "sample_images.h"
#include "sample_jpegs.h"

namespace ppinfer {
namespace {

using testing::HasSubstr;

RgbImage decoded(const Bytes& bytes, std::int64_t max_pixels = 0) {
  RgbImage image, scratch;
  DecodeOptions options;
  options.max_pixels = max_pixels;
  orient(decode_jpeg(bytes, options, image), image, scratch);
  return image;
}

std::string reason(const Bytes& bytes, std::int64_t max_pixels = 0) {
  return failure_of([&] { decoded(bytes, max_pixels); }, Stage::kDecode);
}

Bytes with_segment(const Bytes& jpeg, int marker, const std::string& content) {  // right after the start mark
  Bytes bytes(jpeg.begin(), jpeg.begin() + 2);
  const std::size_t length = content.size() + 2;
  bytes.insert(bytes.end(), {0xff, static_cast<std::uint8_t>(marker), static_cast<std::uint8_t>(length >> 8),
                             static_cast<std::uint8_t>(length)});
  bytes.insert(bytes.end(), content.begin(), content.end());
  bytes.insert(bytes.end(), jpeg.begin() + 2, jpeg.end());
  return bytes;
}

std::string exif_block(char orientation) {
  return std::string("Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0", 25) + orientation +
         std::string(6, '\0');
}

std::size_t last_of(const Bytes& bytes, std::uint8_t marker) {  // where the last 0xff <marker> stands
  for (std::size_t index = bytes.size() - 1; index > 0; --index) {
    if (bytes[index - 1] == 0xff && bytes[index] == marker) return index - 1;
  }
  ADD_FAILURE() << "no such marker";
  return 0;
}

void expect_same_as_opencv(const Bytes& bytes, cv::Size size) {
  expect_same(decoded(bytes), decoded_by_opencv(bytes), cv::format("%dx%d", size.width, size.height));
}

const std::vector<cv::Size> awkward_sizes = {{1, 1}, {3, 8}, {17, 16}, {33, 31}, {533, 401}, {400, 30}};

class OpenCvSettings : public testing::TestWithParam<std::vector<int>> {};

TEST_P(OpenCvSettings, EqualOpenCvAtEverySize) {
  for (const cv::Size size : awkward_sizes) {
    for (const int type : {CV_8UC1, CV_8UC3}) {
      expect_same_as_opencv(encode(".jpg", make_picture(size.width, size.height, type), GetParam()), size);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, OpenCvSettings,
                         testing::Values(std::vector<int>{}, std::vector<int>{cv::IMWRITE_JPEG_QUALITY, 30},
                                         std::vector<int>{cv::IMWRITE_JPEG_QUALITY, 100},
                                         std::vector<int>{cv::IMWRITE_JPEG_PROGRESSIVE, 1},
                                         std::vector<int>{cv::IMWRITE_JPEG_RST_INTERVAL, 2},
                                         std::vector<int>{cv::IMWRITE_JPEG_OPTIMIZE, 1}));

class ChromaSampling : public testing::TestWithParam<cv::Size> {};

TEST_P(ChromaSampling, EqualsOpenCvAtEverySize) {
  for (const cv::Size size : awkward_sizes) {
    JpegSettings settings;
    settings.luma_per_chroma = GetParam();
    expect_same_as_opencv(encode_jpeg(make_picture(size.width, size.height), settings), size);
  }
}

INSTANTIATE_TEST_SUITE_P(All, ChromaSampling,
                         testing::Values(cv::Size(1, 1), cv::Size(2, 1), cv::Size(1, 2), cv::Size(2, 2),
                                         cv::Size(4, 1)));  // 4:4:4, 4:2:2, 4:4:0, 4:2:0, 4:1:1

TEST(Jpeg, ExifTurnsItAsOpenCvDoes) {
  const Bytes jpeg = encode(".jpg", make_picture(31, 20));
  for (char orientation = 0; orientation <= 9; ++orientation) {
    const Bytes bytes = with_segment(jpeg, 0xe1, exif_block(orientation));
    expect_same(decoded(bytes), decoded_by_opencv(bytes), "orientation " + std::to_string(orientation));
  }
}

TEST(Jpeg, ExifIsFoundBehindOtherSegmentsOfItsKind) {
  const Bytes jpeg = encode(".jpg", make_picture(31, 20));
  const Bytes turned = with_segment(jpeg, 0xe1, exif_block(6));
  const Bytes both = with_segment(turned, 0xe1, "http://ns.adobe.com/xap/1.0/ some text");
  expect_same(decoded(both), decoded(turned), "XMP first");
}

TEST(Jpeg, InksBecomeRgbAsOpenCvMakesThem) {
  for (const char* name : {"decode/cmyk.jpg", "decode/cmyk_all_inks.jpg"}) {
    const Bytes bytes = read_bytes(golden(name));
    expect_same(decoded(bytes), decoded_by_opencv(bytes), name);
    expect_same(decoded(bytes), read_ppm(golden(name) + ".ppm"), name);
  }
}

TEST(Jpeg, WhateverIsMissingOfThePictureMakesItTruncated) {
  const cv::Mat picture = make_picture(64, 48);
  for (const std::vector<int>& settings :
       {std::vector<int>{}, {cv::IMWRITE_JPEG_PROGRESSIVE, 1}, {cv::IMWRITE_JPEG_RST_INTERVAL, 2}}) {
    const Bytes whole = encode(".jpg", picture, settings);
    // The last bytes before the end mark may hold nothing but padding.
    for (std::size_t length = 3; length < whole.size() - 4; ++length) {
      const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
      EXPECT_THAT(reason(cut), HasSubstr("truncated JPEG")) << length << " of " << whole.size();
    }
  }
}

TEST(Jpeg, AMissingEndMarkCostsNothing) {
  Bytes bytes = encode(".jpg", make_picture(64, 48));
  const RgbImage whole = decoded(bytes);
  bytes.resize(bytes.size() - 2);
  expect_same(decoded(bytes), whole, "without end mark");
}

TEST(Jpeg, StrayBytesCostNothing) {
  Bytes bytes = encode(".jpg", make_picture(64, 48));
  const RgbImage whole = decoded(bytes);
  bytes.insert(bytes.begin() + 2, {1, 2, 3});
  bytes.insert(bytes.end(), 100, 0x55);
  expect_same(decoded(bytes), whole, "with stray bytes");
}

TEST(Jpeg, ACorruptPictureIsNotPassedOff) {
  Bytes bytes = encode(".jpg", make_picture(64, 48), {cv::IMWRITE_JPEG_RST_INTERVAL, 1});
  bytes[last_of(bytes, 0xd3) + 1] = 0xd6;  // another restart mark than is due
  EXPECT_THAT(reason(bytes), HasSubstr("corrupt JPEG"));
}

TEST(Jpeg, TheCapIsCheckedOnTheHeaderAlone) {
  Bytes bytes = encode(".jpg", make_picture(64, 48));
  const std::size_t frame = last_of(bytes, 0xc0);
  for (std::size_t index = frame + 5; index < frame + 9; ++index) bytes[index] = 0xea;  // 60138 px a side
  EXPECT_EQ(reason(bytes, 200'000'000), "60138x60138 px is 3616579044 pixels, more than max_pixels 200000000");
}

Bytes with_last_scan_repeated(const Bytes& whole, int times) {
  const auto last_scan = whole.begin() + static_cast<std::ptrdiff_t>(last_of(whole, 0xda));
  Bytes bytes(whole.begin(), whole.end() - 2);
  for (int scan = 0; scan < times; ++scan) bytes.insert(bytes.end(), last_scan, whole.end() - 2);
  bytes.insert(bytes.end(), {0xff, 0xd9});
  return bytes;
}

TEST(Jpeg, ScansHaveABudgetThatGrowsWithThePicture) {
  JpegSettings settings;
  settings.one_scan_a_component = true;  // not progressive: a component may come again and again
  const Bytes whole = encode_jpeg(make_picture(16, 16), settings);
  expect_same(decoded(with_last_scan_repeated(whole, 600)), decoded(whole), "600 scans of 16x16 px");
  EXPECT_THAT(reason(with_last_scan_repeated(whole, 16'000)), HasSubstr("JPEG with more scans than 16x16 px may have"));
}

TEST(Jpeg, TheFirstScanThatMakesItCorruptIsTheLast) {
  const Bytes whole = encode(".jpg", make_picture(16, 16), {cv::IMWRITE_JPEG_PROGRESSIVE, 1});
  EXPECT_THAT(reason(with_last_scan_repeated(whole, 20'000)), HasSubstr("corrupt JPEG: Inconsistent progression"));
}

TEST(Jpeg, DamageInTheMiddleOfAWholeFileIsNotATruncation) {
  for (const int progressive : {0, 1}) {
    const Bytes whole = encode(".jpg", make_picture(64, 48), {cv::IMWRITE_JPEG_PROGRESSIVE, progressive});
    const std::size_t scan = last_of(whole, 0xda);
    for (const std::uint8_t marker : {0xd9, 0xd0, 0xc4}) {
      Bytes bytes = whole;
      bytes[(scan + whole.size()) / 2] = 0xff;
      bytes[(scan + whole.size()) / 2 + 1] = marker;
      EXPECT_THAT(reason(bytes), HasSubstr("corrupt JPEG")) << progressive << " " << int{marker};
    }
  }
}

TEST(Jpeg, WhatIsNotSupportedIsNamed) {
  const Bytes whole = encode(".jpg", make_picture(16, 16));
  const std::size_t frame = last_of(whole, 0xc0), scan = last_of(whole, 0xda);
  const auto with = [&](std::size_t offset, std::uint8_t value) {
    Bytes bytes = whole;
    bytes[offset] = value;
    return reason(bytes);
  };
  EXPECT_EQ(with(frame + 4, 12), "JPEG with 12 bits a sample is not supported");
  EXPECT_EQ(with(frame + 1, 0xc3), "lossless JPEG is not supported");
  EXPECT_EQ(with(frame + 1, 0xcb), "lossless JPEG is not supported");
  EXPECT_EQ(with(frame + 1, 0xc5), "hierarchical JPEG is not supported");

  Bytes two = whole;  // of its three components
  two[scan + 3] -= 2;
  two[scan + 4] = 2;
  two.erase(two.begin() + static_cast<std::ptrdiff_t>(scan) + 9, two.begin() + static_cast<std::ptrdiff_t>(scan) + 11);
  two[frame + 3] -= 3;
  two[frame + 9] = 2;
  two.erase(two.begin() + static_cast<std::ptrdiff_t>(frame) + 16,
            two.begin() + static_cast<std::ptrdiff_t>(frame) + 19);
  EXPECT_EQ(reason(two), "JPEG with 2 components is not supported");
}

TEST(Jpeg, ArithmeticCodingEqualsOpenCv) {
  for (const bool progressive : {false, true}) {
    JpegSettings settings;
    settings.arithmetic = true;
    settings.progressive = progressive;
    expect_same_as_opencv(encode_jpeg(make_picture(53, 41), settings), {53, 41});
  }
}

}  // namespace
}  // namespace ppinfer
