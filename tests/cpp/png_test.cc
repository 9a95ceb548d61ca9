#include "decode/png.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

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

constexpr std::size_t kEndChunkBytes = 12;

TEST(Png, EveryTruncationOfItsRowsIsTold) {
  // The checksums of the unpacked rows and of the chunk that holds them, and the byte with the data's end mark.
  constexpr std::size_t kChecksumBytes = 4 + 4 + 1;
  const Bytes whole = encode(".png", make_picture(20, 10));
  const std::size_t rows_end = whole.size() - kEndChunkBytes - kChecksumBytes;
  for (std::size_t length = 8; length < rows_end; ++length) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_THAT(reason(cut), HasSubstr("truncated PNG")) << length;
  }
  for (std::size_t length = rows_end; length < whole.size(); ++length) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    expect_same(decoded(cut), decoded(whole), "all rows, " + std::to_string(length) + " bytes");
  }
  const Bytes interlaced = read_bytes(golden("decode/interlaced.png"));
  for (std::size_t length = 50; length <= interlaced.size(); ++length) {
    const Bytes cut(interlaced.begin(), interlaced.begin() + static_cast<std::ptrdiff_t>(length));
    if (length + kEndChunkBytes + kChecksumBytes > interlaced.size()) {
      expect_same(decoded(cut), decoded(interlaced), "interlaced, " + std::to_string(length) + " bytes");
    } else {
      EXPECT_THAT(reason(cut), HasSubstr("truncated PNG")) << length;
    }
  }
  Bytes damaged_end = whole;
  damaged_end.back() ^= 1;
  expect_same(decoded(damaged_end), decoded(whole), "a damaged end mark");
}

Bytes with_chunk(const Bytes& png, std::size_t offset, const std::string& type, std::uint32_t claimed_bytes) {
  Bytes bytes(png.begin(), png.begin() + static_cast<std::ptrdiff_t>(offset));
  for (const int shift : {24, 16, 8, 0}) bytes.push_back(static_cast<std::uint8_t>(claimed_bytes >> shift));
  bytes.insert(bytes.end(), type.begin(), type.end());
  bytes.insert(bytes.end(), png.begin() + static_cast<std::ptrdiff_t>(offset), png.end());
  return bytes;
}

std::int64_t peak_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

TEST(Png, NothingIsAllocatedForAChunkLongerThanTheFile) {
  constexpr std::size_t kHeaderEnd = 33;
  const Bytes whole = encode(".png", make_picture(20, 10));
  const std::int64_t before_mib = peak_mib();
  for (const char* type : {"tEXt", "zTXt", "iTXt", "iCCP", "eXIf", "sPLT", "hIST", "pCAL", "acTL", "abCd", "IDAT"}) {
    EXPECT_THAT(reason(with_chunk(whole, kHeaderEnd, type, 0x7ffffff0)), HasSubstr("truncated PNG")) << type;
  }
  for (const char* type : {"tEXt", "iTXt", "eXIf", "abCd"}) {
    const Bytes bytes = with_chunk(whole, whole.size() - kEndChunkBytes, type, 0x7ffffff0);
    expect_same(decoded(bytes), decoded(whole), std::string(type) + " after the rows");
  }
  EXPECT_LT(peak_mib() - before_mib, 64);
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
