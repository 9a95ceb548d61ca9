#include "executor/stages.h"

#include <gtest/gtest.h>

#include "ppinfer/decode.h"
#include "ppinfer/error.h"
#include "sample_images.h"
#include "twins/preprocess_reference.h"

namespace ppinfer {
namespace {

ImageInput file_of(const Bytes& bytes) {
  ImageInput input;
  input.content = EncodedImage{{bytes}};
  return input;
}

ImageInput pixels_of(const RgbImage& image, ChannelOrder order) {
  ImageInput input;
  PixelView view = image.view();
  view.order = order;
  input.content = view;
  return input;
}

PreprocessPlan plan_of(ChannelOrder order) {
  PreprocessPlan plan;
  plan.pixel_ops = {ResizeShort{64, Interpolation::kBilinear}, CenterCrop{{56, 48}}};
  plan.normalize = {1.0 / 255, {0.485, 0.456, 0.406}, {0.229, 0.224, 0.225}, order};
  plan.output_px = {56, 48};
  return plan;
}

template <class Call>
BadImageError caught_from(const Call& call) {
  try {
    call();
  } catch (const BadImageError& error) {
    return error;
  }
  ADD_FAILURE() << "nothing was thrown";
  return {"", {}};
}

TEST(Stages, DecodedIsTheWholeImageWhateverTheCropNeeds) {
  const Bytes jpeg = encode(".jpg", make_picture(300, 200));
  const RgbImage expected = decoded_by_opencv(jpeg);
  DecodeOptions options;
  options.needed_region = [](Size) { return Region{10, 10, 8, 8}; };
  EXPECT_EQ(decoded(file_of(jpeg), options).pixels, expected.pixels);
  EXPECT_EQ(decode(file_of(jpeg)).pixels, expected.pixels);
}

TEST(Stages, DecodedPixelsAreACopyInRgb) {
  const RgbImage rgb = rgb_of(make_picture(31, 17));
  EXPECT_EQ(decoded(pixels_of(rgb, ChannelOrder::kRgb), {}).pixels, rgb.pixels);
  const RgbPixels swapped = decoded(pixels_of(rgb, ChannelOrder::kBgr), {});
  EXPECT_EQ(swapped.size_px, rgb.size_px);
  for (std::size_t index = 0; index < rgb.pixels.size(); index += 3) {
    ASSERT_EQ(swapped.pixels[index], rgb.pixels[index + 2]);
    ASSERT_EQ(swapped.pixels[index + 1], rgb.pixels[index + 1]);
    ASSERT_EQ(swapped.pixels[index + 2], rgb.pixels[index]);
  }
}

TEST(Stages, PreprocessedIsWhatTheSlowTwinGives) {
  for (const ChannelOrder order : {ChannelOrder::kRgb, ChannelOrder::kBgr}) {
    const RgbImage rgb = rgb_of(make_picture(131, 97));
    EXPECT_EQ(preprocessed(pixels_of(rgb, ChannelOrder::kRgb), {}, plan_of(order)),
              preprocess_reference(plan_of(order), rgb.view()));
  }
}

TEST(Stages, ResizedIsTheTensorBeforeItIsNormalisedInRgb) {
  const RgbImage rgb = rgb_of(make_picture(131, 97));
  for (const ChannelOrder order : {ChannelOrder::kRgb, ChannelOrder::kBgr}) {
    const PreprocessPlan plan = plan_of(order);
    const RgbPixels image = resized(pixels_of(rgb, ChannelOrder::kRgb), {}, plan);
    ASSERT_EQ(image.size_px, plan.output_px);
    const std::vector<float> tensor = preprocess_reference(plan, rgb.view());
    const std::size_t plane = tensor.size() / 3;
    for (std::size_t index = 0; index < image.pixels.size(); ++index) {
      const std::size_t channel = order == ChannelOrder::kRgb ? index % 3 : 2 - index % 3;
      const double value = static_cast<double>(tensor[channel * plane + index / 3]);
      ASSERT_NEAR(image.pixels[index], (value * plan.normalize.std[channel] + plan.normalize.mean[channel]) * 255,
                  1e-3);
    }
  }
}

TEST(Stages, BadImagesAreThrownWithStageReasonAndPath) {
  ImageInput missing;
  missing.path = "/no/such/file.jpg";
  const BadImageError unread = caught_from([&] { preprocessed(missing, {}, plan_of(ChannelOrder::kRgb)); });
  EXPECT_EQ(unread.error().stage, Stage::kRead);
  EXPECT_EQ(unread.path(), missing.path);
  EXPECT_EQ(unread.what(), "/no/such/file.jpg: read: " + unread.error().message);

  const BadImageError empty = caught_from([&] { decode(file_of({})); });
  EXPECT_EQ(empty.error(), (ImageError{Stage::kDecode, "empty file"}));
  EXPECT_STREQ(empty.what(), "decode: empty file");

  const Bytes png = encode(".png", make_picture(60, 30));
  EXPECT_EQ(caught_from([&] { decode(file_of(png), {true, 1799}); }).error().stage, Stage::kDecode);
  PreprocessPlan crop_only = plan_of(ChannelOrder::kRgb);
  crop_only.pixel_ops = {CenterCrop{{56, 48}}};
  EXPECT_EQ(caught_from([&] { resized(file_of(png), {}, crop_only); }).error().stage, Stage::kPreprocess);
}

TEST(Stages, OneOfSeveralWithoutAPathIsNamedByItsIndex) {
  const ImageError error{Stage::kInfer, "no"};
  EXPECT_STREQ(BadImageError("", error, 3).what(), "image 3: infer: no");
  EXPECT_STREQ(BadImageError("a.jpg", error, 3).what(), "a.jpg: infer: no");
}

}  // namespace
}  // namespace ppinfer
