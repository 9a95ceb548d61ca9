#include "decode/animated_webp.h"

#include <gtest/gtest.h>

#include <string>

#include "sample_images.h"

namespace ppinfer {
namespace {

constexpr Size kCanvasPx{23, 17};
// What comes before the first frame's own header: RIFF, VP8X and ANIM, then "ANMF" and its length.
constexpr std::size_t kFrameAt = 12 + 18 + 14 + 8;

Bytes animation() { return read_bytes(golden("decode/animated.webp")); }

RgbImage decoded(const Bytes& bytes, Size canvas_px = kCanvasPx) {
  RgbImage image;
  decode_animated_webp(bytes, canvas_px, image);
  return image;
}

std::string reason(const Bytes& bytes) {
  return failure_of([&] { decoded(bytes); }, Stage::kDecode);
}

TEST(AnimatedWebp, TheFirstPictureIsTaken) {
  expect_same(decoded(animation()), read_ppm(golden("decode/animated.webp.ppm")), "lossless");
}

TEST(AnimatedWebp, TheCanvasAroundThePictureIsBlack) {
  Bytes bytes = animation();
  bytes[kFrameAt] = 2;  // twice that from the left
  bytes[kFrameAt + 3] = 1;
  const RgbImage picture = read_ppm(golden("decode/animated.webp.ppm")), canvas = decoded(bytes, {30, 20});
  for (int y = 0; y < 20; ++y) {
    for (int x = 0; x < 30; ++x) {
      const bool is_picture = x >= 4 && x < 27 && y >= 2 && y < 19;
      const auto at = static_cast<std::size_t>(3 * (y * 30 + x));
      const auto from = static_cast<std::size_t>(3 * ((y - 2) * 23 + x - 4));
      ASSERT_EQ(canvas.pixels[at], is_picture ? picture.pixels[from] : 0) << x << "," << y;
    }
  }
}

TEST(AnimatedWebp, ReasonsOfWhatIsWrong) {
  Bytes off_canvas = animation(), without_frame = animation(), other_size = animation(), endless = animation();
  off_canvas[kFrameAt] = 1;
  EXPECT_EQ(reason(off_canvas), "corrupt WebP: its picture doesn't lie on its canvas");
  for (std::size_t index = 0; index + 4 < without_frame.size(); ++index) {
    if (std::equal(without_frame.begin() + static_cast<std::ptrdiff_t>(index),
                   without_frame.begin() + static_cast<std::ptrdiff_t>(index) + 4, "ANMF")) {
      without_frame[index] = 'X';
    }
  }
  EXPECT_EQ(reason(without_frame), "corrupt WebP: an animation without a picture");
  other_size[kFrameAt + 6] = 10;
  EXPECT_EQ(reason(other_size), "corrupt WebP: its header disagrees with its picture about the size");
  endless[kFrameAt - 1] = 0x7f;
  EXPECT_EQ(reason(endless), "corrupt WebP: a chunk is longer than the file");
}

}  // namespace
}  // namespace ppinfer
