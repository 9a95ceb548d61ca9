#include "preprocess/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/image_failure.h"

namespace ppinfer {
namespace {

std::string reason(const PixelOp& op, Size image_px) {
  try {
    size_after(op, image_px);
  } catch (const ImageFailure& failure) {
    EXPECT_EQ(failure.stage(), Stage::kPreprocess);
    return failure.what();
  }
  return "";
}

// Expected values: Python's round(side * (256 / min(sides))).
TEST(ResizeShortSize, RoundsAsPythonDoes) {
  EXPECT_EQ(resize_short_size({512, 513}, 256), (Size{256, 256}));  // 256.5 to the even side
  EXPECT_EQ(resize_short_size({512, 515}, 256), (Size{256, 258}));  // 257.5 to the even side
  EXPECT_EQ(resize_short_size({500, 375}, 256), (Size{341, 256}));
  EXPECT_EQ(resize_short_size({375, 500}, 256), (Size{256, 341}));
  EXPECT_EQ(resize_short_size({1, 1}, 256), (Size{256, 256}));
  EXPECT_EQ(resize_short_size({4000, 30}, 256), (Size{34133, 256}));
  EXPECT_EQ(resize_short_size({1, 50000}, 256), (Size{256, 12'800'000}));
}

TEST(ResizeShortSize, StopsAtTheLargestInt) {
  EXPECT_EQ(resize_short_size({1, 2'000'000'000}, 1000), (Size{1000, 2'147'483'647}));
}

TEST(SizeAfter, ACropLargerThanTheImageFailsWithTheNumbers) {
  const CenterCrop crop{{224, 200}};
  EXPECT_EQ(size_after(crop, {224, 200}), (Size{224, 200}));
  EXPECT_EQ(reason(crop, {224, 199}), "the image is 224x199 px before the crop, smaller than the crop of 224x200 px");
  EXPECT_NE(reason(crop, {223, 300}), "");
}

TEST(SizeAfter, AnAbsurdResizeFailsBeforeAnythingIsAllocated) {
  EXPECT_EQ(reason(ResizeShort{256, Interpolation::kBilinear}, {1, 50000}),
            "the image is 1x50000 px: resized to 256x12800000 px it would have more than 400000000 pixels");
  EXPECT_NE(reason(ResizeShort{256, Interpolation::kBilinear}, {1, 2'000'000'000}), "");
  EXPECT_NE(reason(ResizeTo{{20001, 20000}, Interpolation::kBilinear}, {1, 1}), "");
  EXPECT_EQ(reason(ResizeTo{{20000, 20000}, Interpolation::kBilinear}, {1, 1}), "");
}

}  // namespace
}  // namespace ppinfer
