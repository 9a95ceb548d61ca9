// A program of its own, since it replaces operator new to count.
#include <gtest/gtest.h>

#include <vector>

#include "counted_allocations.h"
#include "preprocess/preprocessor.h"

namespace ppinfer {
namespace {

TEST(Preprocessor, TakesNoMemoryOnceWarm) {
  const std::vector<std::uint8_t> pixels(std::size_t{3} * 90 * 70, 100);
  const PixelView larger{pixels.data(), {90, 70}, 270, ChannelOrder::kRgb};
  const PixelView smaller{pixels.data(), {60, 70}, 180, ChannelOrder::kRgb};
  std::vector<float> slot(3 * 24 * 24);
  for (const ResizeBackend backend : {ResizeBackend::kCv2, ResizeBackend::kPil}) {
    for (const Interpolation interpolation :
         {Interpolation::kNearest, Interpolation::kBilinear, Interpolation::kBicubic}) {
      const PreprocessPlan plan{
          {ResizeTo{{50, 40}, interpolation, backend}, ResizeShort{30, interpolation, backend}, CenterCrop{{24, 24}}},
          {},
          {24, 24}};
      Preprocessor preprocessor(plan);
      for (const PixelView& image : {larger, smaller}) preprocessor.run(image, slot.data());
      const long before = allocations;
      for (const PixelView& image : {smaller, larger, larger, smaller}) preprocessor.run(image, slot.data());
      EXPECT_EQ(allocations, before) << "interpolation " << static_cast<int>(interpolation);
    }
  }
  EXPECT_GT(allocations, 0);
}

}  // namespace
}  // namespace ppinfer
