#include "decode/decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <map>
#include <string>

#include "sample_images.h"

namespace ppinfer {
namespace {

using testing::HasSubstr;

RgbImage decoded(const Bytes& bytes, DecodeOptions options = {}) {
  RgbImage image;
  Decoder(options).decode({bytes}, image);
  return image;
}

std::string reason(const Bytes& bytes, DecodeOptions options = {}) {
  return failure_of([&] { decoded(bytes, options); }, Stage::kDecode);
}

std::string reason(const std::string& text) { return reason(Bytes(text.begin(), text.end())); }

// What is written to stderr, by whatever library, while it lives.
class StderrCatcher {
 public:
  StderrCatcher() : file_(std::tmpfile()), kept_(dup(STDERR_FILENO)) {
    std::fflush(stderr);
    dup2(fileno(file_), STDERR_FILENO);
  }
  std::string stop() {
    std::fflush(stderr);
    dup2(kept_, STDERR_FILENO);
    close(kept_);
    std::string text(static_cast<std::size_t>(lseek(fileno(file_), 0, SEEK_END)), '\0');
    const ssize_t got = pread(fileno(file_), text.data(), text.size(), 0);
    std::fclose(file_);
    return got == static_cast<ssize_t>(text.size()) ? text : "unreadable";
  }

 private:
  std::FILE* file_;
  int kept_;
};

Bytes bmp_of_runs() {  // 8x2 pixels of two colors
  Bytes bytes{'B', 'M', 0, 0, 0, 0, 0, 0, 0, 0, 62, 0, 0, 0, 40, 0, 0, 0, 8, 0, 0, 0, 2, 0, 0, 0, 1, 0, 8, 0, 1};
  bytes.resize(46);
  bytes.insert(bytes.end(), {2, 0, 0, 0, 0, 0, 0, 0, 9, 8, 7, 0, 1, 2, 3, 0});
  bytes.insert(bytes.end(), {5, 1, 0, 3, 0, 1, 1, 0, 0, 0, 4, 1, 0, 2, 1, 0, 3, 1, 0, 1});
  return bytes;
}

std::map<std::string, Bytes> small_files() {
  const cv::Mat picture = make_picture(13, 9);
  std::map<std::string, Bytes> files;
  for (const char* ending : {".jpg", ".png", ".bmp", ".webp", ".tiff"}) files[ending] = encode(ending, picture);
  files["progressive"] = encode(".jpg", picture, {cv::IMWRITE_JPEG_PROGRESSIVE, 1});
  for (const int compression : {5, 7, 8, 32773}) {  // LZW, JPEG, deflate, PackBits
    files["tiff " + std::to_string(compression)] =
        encode(".tiff", picture, {cv::IMWRITE_TIFF_COMPRESSION, compression});
  }
  files["runs.bmp"] = bmp_of_runs();
  files["lossless webp"] = encode(".webp", picture, {cv::IMWRITE_WEBP_QUALITY, 101});
  for (const char* name : {"cmyk.jpg", "palette.png", "palette.bmp", "palette.tiff", "deflate.tiff", "turned.webp",
                           "masked.bmp", "animated.webp", "two_pictures.gif"}) {
    files[name] = read_bytes(golden(std::string("decode/") + name));
  }
  return files;
}

TEST(Decoder, FormatsOfOpenCvEqualOpenCv) {
  for (const char* ending : {".bmp", ".webp", ".tiff"}) {
    for (const int type : {CV_8UC1, CV_8UC3, CV_8UC4}) {
      const Bytes bytes = encode(ending, make_picture(53, 41, type));
      expect_same(decoded(bytes), decoded_by_opencv(bytes), std::string(ending) + " of type " + std::to_string(type));
    }
  }
  const Bytes deep = encode(".tiff", make_picture(53, 41, CV_16UC3));
  expect_same(decoded(deep), decoded_by_opencv(deep), "16 bits a channel");
}

TEST(Decoder, EqualsTheGoldenPixels) {
  for (const char* name : {"palette.bmp", "palette.tiff", "deflate.tiff", "turned.webp", "turned.png", "cmyk.jpg",
                           "masked.bmp", "masked_ten_bits.bmp", "animated.webp", "animated_lossy.webp", "plain.gif"}) {
    const std::string path = golden(std::string("decode/") + name);
    // Codecs of different releases may differ by a level in WebP.
    expect_same(decoded(read_bytes(path)), read_ppm(path + ".ppm"), name,
                std::string(name).find(".webp") != std::string::npos ? 1 : 0);
  }
}

Bytes turned_tiff() {  // OpenCV's own, with the tag for the bits a sample turned into one for the orientation
  const Bytes jpeg_free = encode(".tiff", make_picture(13, 9, CV_8UC1), {cv::IMWRITE_TIFF_COMPRESSION, 1});
  Bytes bytes = jpeg_free;
  for (std::size_t index = 0; index + 12 <= bytes.size(); ++index) {
    const Bytes rows_per_strip_entry{0x16, 0x01};
    if (bytes[index] == 0x1c && bytes[index + 1] == 0x01 && bytes[index + 2] == 3 && bytes[index + 3] == 0) {
      bytes[index] = 0x12;  // 284, planar configuration, becomes 274
      bytes[index + 8] = 6;
      return bytes;
    }
  }
  ADD_FAILURE() << "no entry to turn";
  return bytes;
}

// Bits of a mask beyond those of a pixel are left out.
TEST(Decoder, MasksOfABmpAreOfAPixelsOwnBits) {
  const auto bmp_of_16_bits = [](std::uint32_t red, std::uint32_t green, std::uint32_t blue) {
    Bytes bytes{'B', 'M', 0, 0, 0, 0, 0, 0, 0, 0, 66, 0, 0, 0, 40, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 16, 0, 3};
    bytes.resize(54);
    for (const std::uint32_t mask : {red, green, blue}) {
      for (int shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<std::uint8_t>(mask >> shift));
    }
    bytes.insert(bytes.end(), {0x12, 0x34, 0x56, 0x78});
    return bytes;
  };
  EXPECT_EQ(reason(bmp_of_16_bits(0xff0000, 0xff00, 0xff)), "corrupt BMP: a color mask without a bit");
  expect_same(decoded(bmp_of_16_bits(0xf00f800, 0x7e0, 0xff00001f)), decoded(bmp_of_16_bits(0xf800, 0x7e0, 0x1f)),
              "5, 6 and 5 bits");
}

TEST(Decoder, WithoutExifRotationPixelsComeAsStored) {
  DecodeOptions as_stored;
  as_stored.exif_rotate = false;
  for (const char* name : {"turned.png", "turned.webp"}) {
    const Bytes bytes = read_bytes(golden(std::string("decode/") + name));
    EXPECT_EQ(decoded(bytes).size_px, (Size{17, 23})) << name;
    EXPECT_EQ(decoded(bytes, as_stored).size_px, (Size{23, 17})) << name;
  }
}

TEST(Decoder, ATurnedTiffComesUprightOrAsStored) {
  const Bytes bytes = turned_tiff();
  DecodeOptions as_stored;
  as_stored.exif_rotate = false;
  expect_same(decoded(bytes), decoded_by_opencv(bytes), "upright");
  EXPECT_EQ(decoded(bytes).size_px, (Size{9, 13}));
  expect_same(decoded(bytes, as_stored), rgb_of([] {
                cv::Mat bgr;
                cv::cvtColor(make_picture(13, 9, CV_8UC1), bgr, cv::COLOR_GRAY2BGR);
                return bgr;
              }()),
              "as stored");
}

TEST(Decoder, SaysWhatItWasGivenInstead) {
  EXPECT_EQ(reason(Bytes{}), "empty file");
  EXPECT_EQ(reason("Hello"), "not an image: starts with \"Hello\"");
  EXPECT_EQ(reason("Hello, world and all"), "not an image: starts with \"Hello, world...\"");
  EXPECT_EQ(reason(std::string("\0\x01\"\\", 4)), "not an image: starts with \"\\x00\\x01\\x22\\x5c\"");
  EXPECT_EQ(reason("8BPS"),
            "PSD (Photoshop) is not supported "
            "(JPEG, PNG, BMP, WebP, TIFF, GIF, AVIF, HEIC, JPEG XL, PNM and ICO are)");
  EXPECT_EQ(reason("GIF89a.."), "truncated GIF: the file ends early");
  EXPECT_EQ(reason("\xff\xd8\xff"), "truncated JPEG: the file ends before the picture");
}

TEST(Decoder, AReasonIsOneLine) {
  EXPECT_EQ((ImageError{Stage::kRead, "a\nb\tc\r\n \n"}).message, "a b c");
  EXPECT_EQ((ImageError{Stage::kRead, "\n"}).message, "");
  EXPECT_EQ((ImageError{Stage::kRead, "gr\xc3\xbc\xc3\x9f"}).message, "gr\xc3\xbc\xc3\x9f");
}

TEST(Decoder, NoFormatGetsPastTheCap) {
  DecodeOptions options;
  options.max_pixels = 13 * 9 - 1;
  for (const char* ending : {".jpg", ".png", ".bmp", ".webp", ".tiff"}) {
    EXPECT_EQ(reason(encode(ending, make_picture(13, 9)), options), "13x9 px is 117 pixels, more than max_pixels 116")
        << ending;
  }
  options.max_pixels = 13 * 9;
  for (const auto* ending : {".jpg", ".png", ".bmp", ".webp", ".tiff"}) {
    EXPECT_EQ(reason(encode(ending, make_picture(13, 9)), options), "") << ending;
  }
}

TEST(Decoder, TheNextImageIsUnharmedByABadOne) {
  Decoder decoder{DecodeOptions{}};
  RgbImage image;
  const Bytes good = encode(".jpg", make_picture(40, 30));
  for (const auto& [name, whole] : small_files()) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(whole.size() / 2));
    EXPECT_THROW(decoder.decode({cut}, image), ImageFailure) << name;
    decoder.decode({good}, image);
    expect_same(image, decoded_by_opencv(good), "after " + name);
  }
}

TEST(Decoder, TruncationsAtEveryLengthFailWithoutAWord) {
  StderrCatcher catcher;
  for (const auto& [name, whole] : small_files()) {
    int taken = 0;
    for (std::size_t length = 0; length < whole.size(); ++length) {
      // A vector of its own, so that a sanitizer sees a step over the end.
      const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
      if (reason(cut).empty()) ++taken;
    }
    // Of a PNG: IEND, 12 bytes, the checksums of its chunk and of its pixels, 8, and the mark of their end, 1.
    EXPECT_LE(taken, 21) << name << ": only what costs no pixels may be missing";
  }
  EXPECT_EQ(catcher.stop(), "");
}

TEST(Decoder, FlippedBitsNeverDoMoreThanFail) {
  cv::RNG random(7);
  DecodeOptions options;
  options.max_pixels = 1 << 20;
  StderrCatcher catcher;
  for (const auto& [name, whole] : small_files()) {
    for (int round = 0; round < 600; ++round) {
      Bytes bytes = whole;
      for (int flips = random.uniform(1, 5); flips > 0; --flips) {
        const int reach = static_cast<int>(round % 2 != 0 ? std::min<std::size_t>(bytes.size(), 120) : bytes.size());
        bytes[static_cast<std::size_t>(random.uniform(2, reach))] ^=
            static_cast<std::uint8_t>(1 << random.uniform(0, 8));
      }
      reason(bytes, options);
    }
  }
  EXPECT_EQ(catcher.stop(), "");
}

}  // namespace
}  // namespace ppinfer
