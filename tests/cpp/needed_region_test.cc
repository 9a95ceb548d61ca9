#include "preprocess/needed_region.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "preprocess/preprocessor.h"
#include "sample_images.h"

namespace ppinfer {
namespace {

PreprocessPlan plan_of(std::vector<PixelOp> ops, Size output_px) {
  PreprocessPlan plan;
  plan.pixel_ops = std::move(ops);
  plan.output_px = output_px;
  return plan;
}

std::vector<float> slot_of(const PreprocessPlan& plan, const RgbImage& image) {
  std::vector<float> slot(3 * static_cast<std::size_t>(plan.output_px.width) *
                          static_cast<std::size_t>(plan.output_px.height));
  Preprocessor(plan).run(image.view(), slot.data());
  return slot;
}

// All that lies outside becomes `level`.
RgbImage painted_outside(const RgbImage& image, const Region& region, std::uint8_t level) {
  RgbImage painted = image;
  std::fill(painted.pixels.begin(), painted.pixels.end(), level);
  for (int y = region.y; y < region.y + region.height; ++y) {
    const auto first = 3 * (static_cast<std::ptrdiff_t>(y) * image.size_px.width + region.x);
    std::copy_n(image.pixels.begin() + first, 3 * region.width, painted.pixels.begin() + first);
  }
  return painted;
}

TEST(NeededRegion, TheOutputDependsOnNothingOutside) {
  const Size sizes[] = {{64, 64}, {533, 401}, {401, 533}, {500, 64}, {70, 300}, {1, 1}, {3, 8}, {97, 113}, {1000, 750}};
  constexpr auto kCv2 = ResizeBackend::kCv2, kPil = ResizeBackend::kPil;
  const std::pair<Interpolation, ResizeBackend> methods[] = {
      {Interpolation::kNearest, kCv2}, {Interpolation::kBilinear, kCv2}, {Interpolation::kBicubic, kCv2},
      {Interpolation::kArea, kCv2},    {Interpolation::kLanczos, kCv2},  {Interpolation::kNearest, kPil},
      {Interpolation::kBox, kPil},     {Interpolation::kBilinear, kPil}, {Interpolation::kHamming, kPil},
      {Interpolation::kBicubic, kPil}, {Interpolation::kLanczos, kPil}};
  std::vector<RgbImage> images;
  for (const Size size_px : sizes) images.push_back(rgb_of(make_picture(size_px.width, size_px.height)));
  for (const auto& [interpolation, backend] : methods) {
    const PreprocessPlan plans[] = {
        plan_of({ResizeShort{64, interpolation, backend}, CenterCrop{{56, 56}}}, {56, 56}),
        plan_of({ResizeShort{128, interpolation, backend}, CenterCrop{{20, 100}}}, {20, 100}),
        plan_of({ResizeTo{{48, 32}, interpolation, backend}}, {48, 32}),
        plan_of({ResizeShort{64, interpolation, backend}, CenterCrop{{8, 9}}}, {8, 9}),
        plan_of({CenterSquare{1}, ResizeTo{{64, 64}, interpolation, backend}}, {64, 64}),
        plan_of({ResizeShort{200, interpolation, backend}, CenterCrop{{160, 160}},
                 ResizeTo{{64, 48}, interpolation, backend}, CenterCrop{{31, 30}}},
                {31, 30}),
    };
    for (const PreprocessPlan& plan : plans) {
      for (const RgbImage& image : images) {
        const Size size_px = image.size_px;
        const Region region = needed_region(plan, size_px);
        EXPECT_EQ(slot_of(plan, painted_outside(image, region, 0)), slot_of(plan, painted_outside(image, region, 255)))
            << size_px.width << "x" << size_px.height << ", interpolation " << static_cast<int>(interpolation)
            << (backend == kPil ? " of Pillow" : "");
      }
    }
  }
}

TEST(NeededRegion, IsNotMuchMoreThanTheCrop) {
  const PreprocessPlan plan = plan_of({ResizeShort{256, Interpolation::kBilinear}, CenterCrop{{224, 224}}}, {224, 224});
  const Region region = needed_region(plan, {500, 375});  // resized to 341x256; the crop begins at 58,16
  EXPECT_NEAR(region.x, 58 * 375 / 256, 8);
  EXPECT_NEAR(region.y, 16 * 375 / 256, 8);
  EXPECT_NEAR(region.width, 224 * 375 / 256, 16);
  EXPECT_NEAR(region.height, 224 * 375 / 256, 16);
}

TEST(NeededRegion, IsAllOfAnImageThatThePlanRefuses) {
  const PreprocessPlan plan = plan_of({CenterCrop{{224, 224}}}, {224, 224});
  EXPECT_EQ(needed_region(plan, {100, 300}), (Region{0, 0, 100, 300}));
  EXPECT_EQ(needed_region(plan, {324, 300}), (Region{50, 38, 224, 224}));
}

TEST(SmallestSource, IsTheSizeOfAResizeThatComesFirst) {
  const PreprocessPlan shorter = plan_of({ResizeShort{256, Interpolation::kBilinear}}, {});
  EXPECT_EQ(smallest_source(shorter, {4000, 3000}), (Size{341, 256}));
  EXPECT_EQ(smallest_source(shorter, {100, 50}), (Size{100, 50}));
  EXPECT_EQ(smallest_source(plan_of({ResizeTo{{48, 192}, Interpolation::kArea}}, {}), {100, 100}), (Size{48, 100}));
  EXPECT_EQ(smallest_source(plan_of({CenterCrop{{50, 50}}, ResizeShort{10, Interpolation::kArea}}, {}), {100, 100}),
            (Size{100, 100}));
  EXPECT_EQ(smallest_source(plan_of({}, {}), {100, 90}), (Size{100, 90}));
}

}  // namespace
}  // namespace ppinfer
