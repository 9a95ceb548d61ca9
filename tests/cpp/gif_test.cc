#include "decode/gif.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "sample_images.h"

namespace ppinfer {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kFiles[] = {"plain",       "local_interlaced", "part", "part_without_palette",
                                  "transparent", "two_pictures"};

std::string path_of(const char* name) { return golden(std::string("decode/") + name + ".gif"); }

RgbImage decoded(const Bytes& bytes, std::int64_t max_pixels = 0) {
  RgbImage image;
  decode_gif(bytes, max_pixels, image);
  return image;
}

std::string reason(const Bytes& bytes, std::int64_t max_pixels = 0) {
  return failure_of([&] { decoded(bytes, max_pixels); }, Stage::kDecode);
}

TEST(Gif, EqualsTheGoldenPixels) {
  for (const char* name : kFiles)
    expect_same(decoded(read_bytes(path_of(name))), read_ppm(path_of(name) + ".ppm"), name);
}

// Of a later picture too. Only what ends a picture's data and the file may be missing.
TEST(Gif, EveryTruncationIsTold) {
  for (const char* name : kFiles) {
    const Bytes whole = read_bytes(path_of(name));
    int taken = 0;
    for (std::size_t length = 6; length < whole.size(); ++length) {
      const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
      const std::string told = reason(cut);
      if (told.empty()) {
        ++taken;
        expect_same(decoded(cut), decoded(whole), name);
      } else {
        ASSERT_EQ(told, "truncated GIF: the file ends early") << name << ", " << length << " of " << whole.size();
      }
    }
    EXPECT_LE(taken, 4) << name;
  }
}

// Pixels of later pictures are not decoded.
TEST(Gif, ALaterPictureMustHaveItsData) {
  constexpr std::size_t kSecondAt = 519, kBitsAt = kSecondAt + 10, kDataAt = kBitsAt + 1;
  const Bytes whole = read_bytes(path_of("two_pictures"));
  ASSERT_EQ(whole[kSecondAt], ',');
  Bytes bytes = whole;
  bytes[kDataAt + 5] ^= 0xff;
  expect_same(decoded(bytes), decoded(whole), "other pixels");
  bytes[kBitsAt] = 0;
  EXPECT_EQ(reason(bytes), "corrupt GIF: codes that begin with 0 bits");
  bytes.resize(kDataAt);
  bytes[kBitsAt] = 8;
  bytes.insert(bytes.end(), {0, ';'});
  EXPECT_EQ(reason(bytes), "corrupt GIF: the picture's data end early");
}

TEST(Gif, StrayBytesAfterTheEndCostNothing) {
  Bytes bytes = read_bytes(path_of("plain"));
  bytes.insert(bytes.end(), 50, 0x55);
  expect_same(decoded(bytes), read_ppm(path_of("plain") + ".ppm"), "with stray bytes");
}

TEST(Gif, TheCapIsCheckedOnTheHeaderAlone) {
  Bytes bytes = read_bytes(path_of("plain"));
  for (std::size_t index = 6; index < 10; ++index) bytes[index] = 0xff;
  EXPECT_EQ(reason(bytes, 200'000'000), "65535x65535 px is 4294836225 pixels, more than max_pixels 200000000");
  EXPECT_EQ(reason(read_bytes(path_of("plain")), 23 * 17), "");
}

TEST(Gif, ReasonsOfWhatIsWrong) {
  const Bytes part = read_bytes(path_of("part"));
  constexpr std::size_t kPictureAt = 13 + 48;  // after the header and 16 colors
  const auto reason_with = [&](std::size_t offset, std::uint8_t value) {
    Bytes bytes = part;
    bytes[offset] = value;
    return reason(bytes);
  };
  ASSERT_EQ(part[kPictureAt], ',');
  EXPECT_EQ(reason_with(kPictureAt + 5, 0), "corrupt GIF: its picture has no pixels");
  EXPECT_THAT(reason_with(kPictureAt, 'x'), StartsWith("corrupt GIF: "));
  EXPECT_EQ(reason_with(kPictureAt, ';'), "corrupt GIF: no picture in it");
  Bytes two_colors = part;  // the palette's other bytes become blocks that aren't there
  two_colors[10] = static_cast<std::uint8_t>(two_colors[10] & ~7);
  EXPECT_THAT(reason(two_colors), AnyOf(HasSubstr("corrupt GIF"), HasSubstr("truncated GIF")));
}

TEST(Gif, ACanvasGrowsToHoldItsPicture) {
  Bytes bytes = read_bytes(path_of("part"));  // of 11x8 pixels, at 5,3 of 23x17
  bytes[6] = bytes[8] = 0;
  EXPECT_EQ(decoded(bytes).size_px, (Size{16, 11}));
  bytes[6] = 12;
  bytes[8] = 40;
  EXPECT_EQ(decoded(bytes).size_px, (Size{16, 40}));
  EXPECT_EQ(reason(bytes, 16 * 40 - 1), "16x40 px is 640 pixels, more than max_pixels 639");
}

TEST(Gif, AColorOutsideThePaletteIsTold) {
  Bytes bytes = read_bytes(path_of("part"));
  bytes[10] = static_cast<std::uint8_t>(bytes[10] & ~7);  // two colors
  bytes.erase(bytes.begin() + 13 + 6, bytes.begin() + 13 + 48);
  bytes[11] = 0;
  EXPECT_EQ(reason(bytes), "corrupt GIF: a pixel's color is not in its palette");
}

}  // namespace
}  // namespace ppinfer
