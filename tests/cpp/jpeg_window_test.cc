#include "decode/jpeg_window.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "decode/jpeg.h"
#include "decode/orient.h"
#include "sample_images.h"
#include "sample_jpegs.h"

namespace ppinfer {
namespace {

using testing::HasSubstr;

DecodeOptions needing(Region region) {
  DecodeOptions options;
  options.needed_region = [region](Size) { return region; };
  return options;
}

RgbImage decoded(const Bytes& bytes, const DecodeOptions& options = {}) {
  RgbImage image, scratch;
  orient(decode_jpeg(bytes, options, image), image, scratch);
  return image;
}

// The first place where the two differ within `region`; empty when they don't.
std::string difference(const RgbImage& got, const RgbImage& expected, const Region& region) {
  if (got.size_px != expected.size_px) return "sizes differ";
  for (int y = region.y; y < region.y + region.height; ++y) {
    for (int x = region.x; x < region.x + region.width; ++x) {
      const auto pixel = static_cast<std::size_t>(y) * static_cast<std::size_t>(got.size_px.width);
      const std::size_t first = 3 * (pixel + static_cast<std::size_t>(x));
      for (std::size_t index = first; index < first + 3; ++index) {
        if (got.pixels[index] != expected.pixels[index]) return cv::format("at %d,%d", x, y);
      }
    }
  }
  return "";
}

Region random_region(cv::RNG& random, Size image_px) {
  Region region;
  region.x = random.uniform(0, image_px.width);
  region.y = random.uniform(0, image_px.height);
  region.width = random.uniform(1, image_px.width - region.x + 1);
  region.height = random.uniform(1, image_px.height - region.y + 1);
  if (random.uniform(0, 3) == 0) {  // what a centre crop asks for
    region.x = (image_px.width - region.width) / 2;
    region.y = (image_px.height - region.height) / 2;
  }
  return region;
}

std::string text_of(const Region& region) {
  return cv::format("%dx%d at %d,%d", region.width, region.height, region.x, region.y);
}

JpegSettings random_settings(cv::RNG& random) {
  const cv::Size samplings[] = {{1, 1}, {2, 1}, {1, 2}, {2, 2}, {4, 1}, {1, 4}, {4, 2}, {2, 4}};
  JpegSettings settings;
  settings.components = random.uniform(0, 5) == 0 ? 1 : random.uniform(0, 6) == 0 ? 4 : 3;
  settings.luma_per_chroma = samplings[random.uniform(0, 8)];
  settings.quality = random.uniform(20, 101);
  settings.progressive = random.uniform(0, 3) == 0;
  settings.arithmetic = random.uniform(0, 6) == 0;
  settings.restart_interval = random.uniform(0, 2) == 0 ? 0 : random.uniform(1, 40);
  settings.one_scan_a_component = random.uniform(0, 6) == 0;
  settings.orientation = random.uniform(0, 3) == 0 ? random.uniform(1, 9) : 1;
  return settings;
}

void expect_windows_equal_the_whole(int rounds, int eighths) {
  cv::RNG random(static_cast<std::uint64_t>(eighths));
  for (int round = 0; round < rounds; ++round) {
    const cv::Size size(random.uniform(1, round % 8 == 0 ? 700 : 150), random.uniform(1, round % 8 == 0 ? 500 : 150));
    const JpegSettings settings = random_settings(random);
    const Bytes bytes = encode_jpeg(make_picture(size.width, size.height), settings);
    DecodeOptions scaled;
    if (eighths < 8) {
      scaled.smallest_size = [eighths](Size px) { return Size{px.width * eighths / 8, px.height * eighths / 8}; };
    }
    const RgbImage expected = decoded(bytes, scaled);
    for (int window = 0; window < 6; ++window) {
      const Region region = random_region(random, expected.size_px);
      DecodeOptions options = needing(region);
      options.smallest_size = scaled.smallest_size;
      std::string outcome;
      const std::string failure =
          failure_of([&] { outcome = difference(decoded(bytes, options), expected, region); }, Stage::kDecode);
      ASSERT_EQ(outcome + failure, "") << text_of(region) << " of " << size.width << "x" << size.height << " px, "
                                       << settings;
    }
  }
}

TEST(JpegWindow, IsBitIdenticalToTheWhole) { expect_windows_equal_the_whole(1200, 8); }

TEST(JpegWindow, OfAReducedPictureIsBitIdenticalToTheWholeReducedPicture) {
  for (const int eighths : {1, 2, 4}) expect_windows_equal_the_whole(300, eighths);
}

TEST(JpegWindow, LeavesAloneWhatIsFarOutside) {
  const Bytes bytes = encode_jpeg(make_picture(400, 300), {});
  RgbImage image;
  image.pixels.assign(3 * 400 * 300, 77);
  decode_jpeg(bytes, needing({200, 100, 50, 40}), image);
  EXPECT_LE(image.held.width, 50 + 2 * 8 + 16);
  EXPECT_EQ(image.held.height, 40 + 2 * 8);
  EXPECT_EQ(image.pixels[0], 77);
  EXPECT_EQ(image.pixels[3 * (150 * 400 + 399)], 77);
}

TEST(JpegWindow, DamageOutsideIsTold) {
  for (const bool progressive : {false, true}) {
    for (const int restart_interval : {0, 3}) {
      JpegSettings settings;
      settings.progressive = progressive;
      settings.restart_interval = restart_interval;
      const Bytes whole = encode_jpeg(make_picture(96, 80), settings);
      const DecodeOptions top = needing({10, 2, 30, 9});
      EXPECT_EQ(failure_of([&] { decoded(whole, top); }, Stage::kDecode), "");
      for (std::size_t length = 3; length < whole.size() - 4; ++length) {
        const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
        ASSERT_THAT(failure_of([&] { decoded(cut, top); }, Stage::kDecode), HasSubstr("truncated JPEG"))
            << length << " of " << whole.size() << ", " << settings;
      }
    }
  }
}

// Whatever the damage, a window passes no file that the whole picture would not.
TEST(JpegWindow, IsAsStrictAsTheWhole) {
  cv::RNG random(11);
  for (int round = 0; round < 1500; ++round) {
    JpegSettings settings = random_settings(random);
    Bytes bytes = encode_jpeg(make_picture(64 + round % 40, 48 + round % 30), settings);
    for (int flips = random.uniform(1, 4); flips > 0; --flips) {
      bytes[static_cast<std::size_t>(random.uniform(2, static_cast<int>(bytes.size())))] ^=
          static_cast<std::uint8_t>(1 << random.uniform(0, 8));
    }
    DecodeOptions options;
    options.max_pixels = 1 << 20;
    const bool whole_fails = !failure_of([&] { decoded(bytes, options); }, Stage::kDecode).empty();
    cv::RNG places = random;
    options.needed_region = [&places](Size image_px) { return random_region(places, image_px); };
    const bool window_fails = !failure_of([&] { decoded(bytes, options); }, Stage::kDecode).empty();
    EXPECT_EQ(window_fails, whole_fails) << "round " << round << ", " << settings;
  }
}

TEST(JpegScale, IsTheSmallestThatKeepsTheSize) {
  const Bytes bytes = encode_jpeg(make_picture(333, 257), {});
  const auto size_for = [&](Size smallest_px) {
    DecodeOptions options;
    options.smallest_size = [smallest_px](Size) { return smallest_px; };
    return decoded(bytes, options).size_px;
  };
  EXPECT_EQ(size_for({42, 33}), (Size{42, 33}));
  EXPECT_EQ(size_for({43, 33}), (Size{84, 65}));
  EXPECT_EQ(size_for({42, 34}), (Size{84, 65}));
  EXPECT_EQ(size_for({100, 100}), (Size{167, 129}));
  EXPECT_EQ(size_for({168, 100}), (Size{333, 257}));
  EXPECT_EQ(size_for({4000, 4000}), (Size{333, 257}));
}

TEST(JpegScale, ASizeIsThatOfTheUprightImage) {
  JpegSettings settings;
  settings.orientation = 6;
  const Bytes bytes = encode_jpeg(make_picture(400, 200), settings);
  DecodeOptions options;
  Size asked{};
  options.smallest_size = [&](Size upright_px) { return asked = upright_px, Size{50, 150}; };
  EXPECT_EQ(decoded(bytes, options).size_px, (Size{100, 200}));
  EXPECT_EQ(asked, (Size{200, 400}));
}

}  // namespace
}  // namespace ppinfer
