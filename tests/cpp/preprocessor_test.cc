#include "preprocess/preprocessor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <string>

#include "sample_images.h"
#include "simd_targets.h"
#include "twins/preprocess_reference.h"

namespace ppinfer {
namespace {

using testing::HasSubstr;

constexpr Interpolation kInterpolations[] = {Interpolation::kNearest, Interpolation::kBilinear, Interpolation::kBicubic,
                                             Interpolation::kArea, Interpolation::kLanczos};
constexpr Size kAwkwardSizes[] = {{1, 1}, {3, 8}, {533, 401}, {4000, 30}, {512, 513}, {128, 128}, {64, 64}, {65, 64}};

Normalize imagenet(ChannelOrder order = ChannelOrder::kRgb) {
  return {1.0 / 255.0, {0.485, 0.456, 0.406}, {0.229, 0.224, 0.225}, order};
}

Normalize none() { return {1.0, {0, 0, 0}, {1, 1, 1}, ChannelOrder::kRgb}; }  // the pixels themselves

PreprocessPlan short_and_crop(int short_px, int crop_px, Interpolation interpolation, Normalize normalize) {
  const Size crop{crop_px, crop_px};
  return {{ResizeShort{short_px, interpolation}, CenterCrop{crop}}, normalize, crop};
}

std::vector<float> preprocessed(const PreprocessPlan& plan, const PixelView& image) {
  std::vector<float> slot(3 * static_cast<std::size_t>(plan.output_px.width) * plan.output_px.height, std::nanf(""));
  Preprocessor(plan).run(image, slot.data());
  return slot;
}

std::string reason(const PreprocessPlan& plan, const PixelView& image) {
  return failure_of([&] { preprocessed(plan, image); }, Stage::kPreprocess);
}

float largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  if (a.size() != b.size()) return INFINITY;
  float largest = 0;
  for (std::size_t index = 0; index < a.size(); ++index) {
    const float difference = std::abs(a[index] - b[index]);
    if (!(difference <= largest)) largest = difference;  // NaN too
  }
  return largest;
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

TEST(Preprocessor, SquareOfARatioAndFp16EqualTheirSlowTwins) {
  Normalize fp16 = imagenet();
  fp16.round_to_fp16 = true;
  Normalize tiny = fp16;  // into fp16's last steps, and beyond its end
  tiny.scale = 1e-9;
  std::fill_n(tiny.mean, 3, 1e-7);
  Normalize huge = fp16;
  huge.scale = 300;
  std::fill_n(huge.mean, 3, 0);
  for (const Size size : {Size{3, 8}, Size{533, 401}, Size{4000, 30}, Size{256, 300}}) {
    const RgbImage image = rgb_of(make_picture(size.width, size.height));
    for (const Normalize& normalize : {imagenet(), fp16, tiny, huge}) {
      const PreprocessPlan plans[] = {
          {{CenterSquare{224.0 / 256}, ResizeTo{{56, 56}, Interpolation::kBilinear}}, normalize, {56, 56}},
          {{CenterSquare{0.7}, ResizeShort{40, Interpolation::kBicubic}}, normalize, {40, 40}},
          {{ResizeTo{{60, 50}, Interpolation::kBilinear}, CenterSquare{0.9}}, normalize, {45, 45}}};
      for (const PreprocessPlan& plan : plans) {
        EXPECT_TRUE(same_bits(preprocessed(plan, image.view()), preprocess_reference(plan, image.view())))
            << size.width << "x" << size.height << " scale " << normalize.scale;
      }
    }
  }
}

TEST(Preprocessor, ASquareThatLeavesNothingIsTold) {
  const PreprocessPlan plan{{CenterSquare{0.5}, ResizeTo{{8, 8}, Interpolation::kBilinear}}, none(), {8, 8}};
  EXPECT_EQ(reason(plan, rgb_of(make_picture(1, 5)).view()), "the image is 1x5 px: crop_ratio leaves no pixels");
}

TEST(Preprocessor, EqualsItsSlowTwinBitForBit) {
  for (const Size size : kAwkwardSizes) {
    const RgbImage image = rgb_of(make_picture(size.width, size.height));
    for (const Interpolation interpolation : kInterpolations) {
      for (const ChannelOrder order : {ChannelOrder::kRgb, ChannelOrder::kBgr}) {
        const PreprocessPlan plans[] = {
            short_and_crop(64, 56, interpolation, imagenet(order)),
            {{ResizeTo{{47, 31}, interpolation}}, imagenet(order), {47, 31}},
            {{ResizeTo{{50, 60}, interpolation}, ResizeShort{41, interpolation}, CenterCrop{{40, 33}}},
             imagenet(order),
             {40, 33}},
        };
        for (const PreprocessPlan& plan : plans) {
          EXPECT_TRUE(same_bits(preprocessed(plan, image.view()), preprocess_reference(plan, image.view())))
              << size.width << "x" << size.height << " interpolation " << static_cast<int>(interpolation);
        }
      }
    }
  }
}

TEST(Preprocessor, EqualsItsSlowTwinWithPillowsResizes) {
  constexpr Interpolation kOfPillow[] = {Interpolation::kNearest, Interpolation::kBox,     Interpolation::kBilinear,
                                         Interpolation::kHamming, Interpolation::kBicubic, Interpolation::kLanczos};
  constexpr ResizeBackend kPil = ResizeBackend::kPil;
  for (const Size size : kAwkwardSizes) {
    const RgbImage image = rgb_of(make_picture(size.width, size.height));
    for (const Interpolation interpolation : kOfPillow) {
      const PreprocessPlan plans[] = {
          {{ResizeShort{64, interpolation, kPil}, CenterCrop{{56, 56}}}, imagenet(), {56, 56}},
          {{ResizeTo{{47, 31}, interpolation, kPil}}, imagenet(ChannelOrder::kBgr), {47, 31}},
          {{ResizeTo{{50, 60}, interpolation, kPil}, CenterCrop{{49, 58}}, ResizeShort{41, Interpolation::kBilinear},
            CenterCrop{{40, 41}}, CenterCrop{{39, 33}}},
           imagenet(),
           {39, 33}},
      };
      for (const PreprocessPlan& plan : plans) {
        EXPECT_TRUE(same_bits(preprocessed(plan, image.view()), preprocess_reference(plan, image.view())))
            << size.width << "x" << size.height << " interpolation " << static_cast<int>(interpolation);
      }
    }
  }
}

TEST(Preprocessor, EveryInstructionSetGivesTheTwinsBits) {
  with_every_target([](const char* target) {
    SCOPED_TRACE(target);
    cv::RNG random(11);
    for (int round = 0; round < 150; ++round) {
      const int width = random.uniform(1, 120), height = random.uniform(1, 120);
      const RgbImage image = rgb_of(make_picture(width, height));
      const Interpolation interpolation = kInterpolations[random.uniform(0, 3)];
      const ChannelOrder order = round % 2 == 0 ? ChannelOrder::kRgb : ChannelOrder::kBgr;
      const Size crop{random.uniform(1, 50), random.uniform(1, 50)};
      PreprocessPlan plan{{ResizeShort{50, interpolation}, CenterCrop{crop}}, imagenet(order), crop};
      if (round % 5 == 0) plan.pixel_ops[0] = ResizeTo{{60, 50}, interpolation};
      if (round % 7 == 0) plan = {{}, imagenet(order), {width, height}};  // nothing to resize
      PixelView view = image.view();
      if (round % 3 == 0) view.order = ChannelOrder::kBgr;
      EXPECT_TRUE(same_bits(preprocessed(plan, view), preprocess_reference(plan, view)))
          << width << "x" << height << " interpolation " << static_cast<int>(interpolation) << " crop " << crop.width
          << "x" << crop.height;
    }
  });
}

TEST(Preprocessor, WritesItsSlotAndNothingElse) {
  for (const int side_px : {1, 3, 5, 17, 31}) {
    const PreprocessPlan plan = short_and_crop(33, side_px, Interpolation::kBilinear, imagenet());
    const RgbImage image = rgb_of(make_picture(70, 50));
    const std::size_t values = 3 * static_cast<std::size_t>(side_px) * static_cast<std::size_t>(side_px);
    std::vector<float> slots(values + 64, -77);
    Preprocessor(plan).run(image.view(), slots.data());
    EXPECT_THAT(std::vector<float>(slots.begin() + static_cast<std::ptrdiff_t>(values), slots.end()),
                testing::Each(-77.0F));
  }
}

TEST(Preprocessor, ABackendsMissingInterpolationIsAnErrorAtOnce) {
  const PreprocessPlan plan = short_and_crop(64, 56, Interpolation::kBox, imagenet());
  EXPECT_THROW(Preprocessor{plan}, Error);
}

TEST(Preprocessor, RowsMayStandApart) {
  const RgbImage image = rgb_of(make_picture(30, 20));
  std::vector<std::uint8_t> padded;
  for (int y = 0; y < 20; ++y) {
    padded.insert(padded.end(), image.pixels.begin() + y * 90, image.pixels.begin() + (y + 1) * 90);
    padded.insert(padded.end(), 7, 0xee);
  }
  const PreprocessPlan plan = short_and_crop(24, 20, Interpolation::kBilinear, imagenet());
  const PixelView apart{padded.data(), {30, 20}, 97, ChannelOrder::kRgb};
  EXPECT_TRUE(same_bits(preprocessed(plan, apart), preprocessed(plan, image.view())));
  EXPECT_TRUE(same_bits(preprocess_reference(plan, apart), preprocess_reference(plan, image.view())));
}

TEST(Preprocessor, ChannelsGoWhereTheModelWantsThem) {
  const std::uint8_t pixel[] = {10, 20, 30};
  const auto channels = [&](ChannelOrder given, ChannelOrder wanted) {
    PreprocessPlan plan{{}, none(), {1, 1}};
    plan.normalize.order = wanted;
    plan.normalize.mean[0] = 1;  // of the model's first channel
    return preprocessed(plan, {pixel, {1, 1}, 3, given});
  };
  using testing::ElementsAre;
  EXPECT_THAT(channels(ChannelOrder::kRgb, ChannelOrder::kRgb), ElementsAre(9, 20, 30));
  EXPECT_THAT(channels(ChannelOrder::kRgb, ChannelOrder::kBgr), ElementsAre(29, 20, 10));
  EXPECT_THAT(channels(ChannelOrder::kBgr, ChannelOrder::kRgb), ElementsAre(29, 20, 10));
  EXPECT_THAT(channels(ChannelOrder::kBgr, ChannelOrder::kBgr), ElementsAre(9, 20, 30));
}

TEST(Preprocessor, TheCropIsCentredRoundedDown) {
  std::vector<std::uint8_t> ramp;
  for (int x = 0; x < 6; ++x) ramp.insert(ramp.end(), 3, static_cast<std::uint8_t>(x));
  const PreprocessPlan plan{{CenterCrop{{3, 1}}}, none(), {3, 1}};
  const auto slot = preprocessed(plan, {ramp.data(), {6, 1}, 18, ChannelOrder::kRgb});
  EXPECT_THAT(slot, testing::ElementsAre(1, 2, 3, 1, 2, 3, 1, 2, 3));
}

TEST(Preprocessor, OneServesImagesOfManySizes) {
  const PreprocessPlan plan = short_and_crop(64, 56, Interpolation::kBilinear, imagenet());
  Preprocessor preprocessor(plan);
  for (const Size size : {Size{533, 401}, {3, 8}, {4000, 30}, {100, 64}}) {
    const RgbImage image = rgb_of(make_picture(size.width, size.height));
    std::vector<float> slot(3 * 56 * 56);
    preprocessor.run(image.view(), slot.data());
    EXPECT_TRUE(same_bits(slot, preprocess_reference(plan, image.view())));
  }
}

TEST(Preprocessor, FailuresSayWhy) {
  const RgbImage image = rgb_of(make_picture(30, 20));
  const auto plan = short_and_crop(16, 20, Interpolation::kBilinear, none());
  EXPECT_THAT(reason(plan, image.view()), HasSubstr("24x16 px before the crop, smaller than the crop"));
  const PreprocessPlan uncropped{{ResizeShort{16, Interpolation::kBilinear}}, none(), {16, 16}};
  EXPECT_THAT(reason(uncropped, image.view()),
              HasSubstr("24x16 px after resizing and cropping, but the model takes 16x16"));
  EXPECT_EQ(reason(plan, PixelView{}), "the image has no pixels");
  const std::vector<std::uint8_t> line(3 * 50000);
  EXPECT_THAT(reason(short_and_crop(256, 224, Interpolation::kBilinear, none()),
                     {line.data(), {1, 50000}, 3, ChannelOrder::kRgb}),
              HasSubstr("256x12800000 px"));
}

struct GoldenCase {
  const char* name;
  int short_px;
  int crop_px;
};

std::vector<float> read_floats(const std::string& path) {
  const Bytes bytes = read_bytes(path);
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
  return values;
}

TEST(Preprocessor, EqualsWhatCv2AndNumpyMake) {
  for (const GoldenCase& golden_case : {GoldenCase{"larger", 48, 40}, {"smaller", 41, 32}, {"half", 32, 32}}) {
    const std::string base = golden(std::string("preprocess/") + golden_case.name);
    const RgbImage image = read_ppm(base + ".ppm");
    const auto run = [&](Interpolation interpolation, const Normalize& normalize) {
      return preprocessed(short_and_crop(golden_case.short_px, golden_case.crop_px, interpolation, normalize),
                          image.view());
    };
    const auto pixels_of = [](const RgbImage& expected) {
      return preprocessed({{}, none(), expected.size_px}, expected.view());
    };
    const RgbImage bilinear = read_ppm(base + "_bilinear.ppm"), bicubic = read_ppm(base + "_bicubic.ppm");
    EXPECT_EQ(largest_difference(run(Interpolation::kBilinear, none()), pixels_of(bilinear)), 0) << base;
    // cv2's wheel takes Intel's bicubic, which rounds some values to the other side.
    EXPECT_LE(largest_difference(run(Interpolation::kBicubic, none()), pixels_of(bicubic)), 1) << base;
    EXPECT_LE(largest_difference(run(Interpolation::kBilinear, imagenet()), read_floats(base + "_bilinear.f32")), 1e-6)
        << base;
    const float one_level = 1 / 255.0F / 0.224F;
    EXPECT_LE(largest_difference(run(Interpolation::kBicubic, imagenet()), read_floats(base + "_bicubic.f32")),
              one_level + 1e-6F)
        << base;
  }
}

}  // namespace
}  // namespace ppinfer
