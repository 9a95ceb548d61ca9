#include "preprocess/resized_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "sample_images.h"
#include "simd_targets.h"
#include "twins/pil_reference.h"
#include "twins/preprocess_reference.h"

namespace ppinfer {
namespace {

struct Method {
  ResizeBackend backend;
  Interpolation interpolation;
  const char* name;
};

constexpr Method kPilMethods[] = {
    {ResizeBackend::kPil, Interpolation::kNearest, "nearest"},
    {ResizeBackend::kPil, Interpolation::kBox, "box"},
    {ResizeBackend::kPil, Interpolation::kBilinear, "bilinear"},
    {ResizeBackend::kPil, Interpolation::kHamming, "hamming"},
    {ResizeBackend::kPil, Interpolation::kBicubic, "bicubic"},
    {ResizeBackend::kPil, Interpolation::kLanczos, "lanczos"},
};
constexpr Method kCv2Methods[] = {
    {ResizeBackend::kCv2, Interpolation::kNearest, "cv2 nearest"},
    {ResizeBackend::kCv2, Interpolation::kBilinear, "cv2 bilinear"},
    {ResizeBackend::kCv2, Interpolation::kBicubic, "cv2 bicubic"},
    {ResizeBackend::kCv2, Interpolation::kArea, "cv2 area"},
    {ResizeBackend::kCv2, Interpolation::kLanczos, "cv2 lanczos"},
};

RgbImage resized_by(ResizedRows& rows, const PixelView& image, Size resized_px, const Region& region) {
  RgbImage result{size_of(region), {}, {}};
  rows.begin(image, resized_px, region);
  for (int y = 0; y < region.height; ++y) {
    const std::uint8_t* const row = rows.row(y);
    for (int x = 0; x < region.width; ++x) result.pixels.insert(result.pixels.end(), row + 4 * x, row + 4 * x + 3);
  }
  return result;
}

RgbImage cut(const RgbImage& image, const Region& region) {
  RgbImage result{size_of(region), {}, {}};
  const PixelView part = part_of(image.view(), region);
  for (int y = 0; y < region.height; ++y) {
    const std::uint8_t* const row = part.pixels + y * part.row_stride_bytes;
    result.pixels.insert(result.pixels.end(), row, row + 3 * region.width);
  }
  return result;
}

RgbImage by_opencv(const RgbImage& image, Size resized_px, Interpolation interpolation) {
  const int flag = interpolation == Interpolation::kNearest    ? cv::INTER_NEAREST
                   : interpolation == Interpolation::kBilinear ? cv::INTER_LINEAR
                   : interpolation == Interpolation::kBicubic  ? cv::INTER_CUBIC
                   : interpolation == Interpolation::kArea     ? cv::INTER_AREA
                                                               : cv::INTER_LANCZOS4;
  RgbImage result{resized_px,
                  std::vector<std::uint8_t>(3 * static_cast<std::size_t>(resized_px.width) *
                                            static_cast<std::size_t>(resized_px.height)),
                  {}};
  cv::Mat to(resized_px.height, resized_px.width, CV_8UC3, result.pixels.data());
  const cv::Mat from(image.size_px.height, image.size_px.width, CV_8UC3,
                     const_cast<std::uint8_t*>(image.pixels.data()));
  cv::resize(from, to, to.size(), 0, 0, flag);
  return result;
}

RgbImage expected_of(const Method& method, const RgbImage& image, Size resized_px) {
  if (method.backend == ResizeBackend::kCv2) return by_opencv(image, resized_px, method.interpolation);
  return {resized_px, pil_resize_reference(image.pixels, image.size_px, resized_px, method.interpolation), {}};
}

std::string text_of(const Method& method, Size from_px, Size to_px, const Region& region) {
  std::ostringstream text;
  text << method.name << " " << from_px.width << "x" << from_px.height << " to " << to_px.width << "x" << to_px.height
       << ", from " << region.x << "," << region.y << " " << region.width << "x" << region.height;
  return text.str();
}

class Cases {  // random images, sizes and regions; always the same
 public:
  int between(int lowest, int highest) { return std::uniform_int_distribution<int>(lowest, highest)(random_); }

  int side() {
    constexpr int kLongest[] = {4, 9, 33, 90, 200};
    return between(1, kLongest[between(0, 4)]);
  }

  RgbImage image(Size size_px) {
    RgbImage image{size_px, {}, {}};
    const bool extreme = between(0, 2) == 0;  // black and white, where rounding and clipping show
    const int values = 3 * size_px.width * size_px.height;
    for (int index = 0; index < values; ++index) {
      image.pixels.push_back(static_cast<std::uint8_t>(extreme ? 255 * between(0, 1) : between(0, 255)));
    }
    return image;
  }

  Region region(Size size_px) {
    if (between(0, 2) == 0) return whole(size_px);
    const int left = between(0, size_px.width - 1), top = between(0, size_px.height - 1);
    return {left, top, between(1, size_px.width - left), between(1, size_px.height - top)};
  }

 private:
  std::mt19937 random_{7};
};

void expect_all_equal(const RgbImage& image, Size resized_px, const Region& region) {
  for (const auto& methods : {std::vector<Method>(std::begin(kPilMethods), std::end(kPilMethods)),
                              std::vector<Method>(std::begin(kCv2Methods), std::end(kCv2Methods))}) {
    for (const Method& method : methods) {
      if (image.size_px == resized_px) continue;  // a copy, whatever the method
      const auto rows = make_resized_rows(method.backend, method.interpolation);
      expect_same(resized_by(*rows, image.view(), resized_px, region),
                  cut(expected_of(method, image, resized_px), region),
                  text_of(method, image.size_px, resized_px, region));
    }
  }
}

TEST(ResizedRows, EqualPillowsOwn) {
  const struct {
    const char* name;
    Size resized_px;
  } cases[] = {{"pil_larger", {29, 23}}, {"pil_smaller", {23, 17}}, {"pil_lower", {31, 10}}, {"pil_wider", {37, 9}}};
  for (const auto& golden_case : cases) {
    const std::string base = golden(std::string("preprocess/") + golden_case.name);
    const RgbImage image = read_ppm(base + ".ppm");
    for (const Method& method : kPilMethods) {
      const RgbImage expected = read_ppm(base + "_" + method.name + ".ppm");
      const std::string what = base + " " + method.name;
      const Size size_px = golden_case.resized_px;
      const auto rows = make_resized_rows(method.backend, method.interpolation);
      expect_same(resized_by(*rows, image.view(), size_px, whole(size_px)), expected, what);
      expect_same({size_px, pil_resize_reference(image.pixels, image.size_px, size_px, method.interpolation), {}},
                  expected, "the twin, " + what);
    }
  }
}

TEST(ResizedRows, EqualTheTwinAndOpenCvAtAwkwardSizes) {
  Cases cases;
  const Size from[] = {{1, 1}, {2, 1}, {1, 2}, {3, 8}, {4, 4}, {533, 401}, {4000, 30}, {30, 1200}};
  const Size to[] = {{1, 1}, {2, 3}, {5, 40}, {224, 224}, {33, 8}, {533, 7}, {15, 600}};
  for (const Size& from_px : from) {
    const RgbImage image = cases.image(from_px);
    for (const Size& to_px : to) expect_all_equal(image, to_px, cases.region(to_px));
    if (from_px.width % 2 == 0 && from_px.height % 2 == 0) {
      const Size half_px{from_px.width / 2, from_px.height / 2};
      expect_all_equal(image, half_px, cases.region(half_px));
    }
  }
  for (const int factor : {3, 5, 49, 300}) {  // of whole pixels, where area has a rule of its own
    const Size to_px{factor > 49 ? 1 : 7, 2};
    expect_all_equal(cases.image({factor * to_px.width, factor * to_px.height}), to_px, cases.region(to_px));
  }
}

TEST(ResizedRows, EqualTheTwinAndOpenCvWithEveryInstructionSet) {
  ASSERT_GE(simd_targets().size(), 1U);
  with_every_target([](const char* target) {
    SCOPED_TRACE(target);
    Cases cases;
    for (int round = 0; round < 120; ++round) {
      Size from_px{cases.side(), cases.side()}, to_px{cases.side(), cases.side()};
      if (round % 6 == 0) from_px = {2 * to_px.width, 2 * to_px.height};
      if (round % 6 == 1) to_px.width = from_px.width;
      if (round % 6 == 2) to_px.height = from_px.height;
      if (round % 6 == 3) from_px = {cases.between(1, 7) * to_px.width, cases.between(1, 7) * to_px.height};
      expect_all_equal(cases.image(from_px), to_px, cases.region(to_px));
    }
  });
}

TEST(ResizedRows, OneServesManyImages) {
  Cases cases;
  std::vector<Method> methods(std::begin(kPilMethods), std::end(kPilMethods));
  methods.insert(methods.end(), std::begin(kCv2Methods), std::end(kCv2Methods));
  for (const Method& method : methods) {
    const auto rows = make_resized_rows(method.backend, method.interpolation);
    for (const Size& from_px : {Size{40, 30}, {40, 30}, {9, 90}, {40, 30}, {16, 12}, {200, 3}}) {
      const RgbImage image = cases.image(from_px);
      const Size to_px{20, 15};
      const Region region{3, 2, 10, 9};
      expect_same(resized_by(*rows, image.view(), to_px, region), cut(expected_of(method, image, to_px), region),
                  text_of(method, from_px, to_px, region));
    }
  }
}

TEST(ResizedRows, ReadNoByteOutsideTheImage) {
  Cases cases;
  for (const Size& from_px : {Size{1, 1}, {2, 2}, {3, 5}, {37, 3}}) {
    const RgbImage image = cases.image(from_px);
    // Of exactly the image's size: a sanitizer sees what is read beyond it.
    const std::unique_ptr<std::uint8_t[]> exact(new std::uint8_t[image.pixels.size()]);
    std::copy(image.pixels.begin(), image.pixels.end(), exact.get());
    PixelView view = image.view();
    view.pixels = exact.get();
    for (const Size& to_px : {Size{1, 1}, {5, 4}, {64, 33}}) {
      for (const Method& method :
           {kPilMethods[1], kPilMethods[5], kCv2Methods[1], kCv2Methods[2], kCv2Methods[3], kCv2Methods[4]}) {
        const auto rows = make_resized_rows(method.backend, method.interpolation);
        expect_same(resized_by(*rows, view, to_px, whole(to_px)), expected_of(method, image, to_px),
                    text_of(method, from_px, to_px, whole(to_px)));
      }
    }
  }
}

TEST(ResizedRows, WhatABackendLacksIsAnError) {
  const auto reason = [](ResizeBackend backend, Interpolation interpolation) -> std::string {
    try {
      make_resized_rows(backend, interpolation);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(reason(ResizeBackend::kCv2, Interpolation::kHamming),
            "the resize backend cv2 has no interpolation hamming: take area, or the backend pil");
  EXPECT_EQ(reason(ResizeBackend::kPil, Interpolation::kArea),
            "the resize backend pil has no interpolation area: take box, or the backend cv2");
}

TEST(ResizedRows, AnAbsurdResizeFailsBeforeItTakesMemory) {
  const std::uint8_t pixel[3] = {};  // begin() reads none
  const auto reason = [&](Size from_px, Size to_px) {
    const auto rows = make_resized_rows(ResizeBackend::kPil, Interpolation::kBilinear);
    const PixelView image{pixel, from_px, 3 * std::ptrdiff_t{from_px.width}, ChannelOrder::kRgb};
    return failure_of([&] { rows->begin(image, to_px, whole(to_px)); }, Stage::kPreprocess);
  };
  EXPECT_THAT(reason({1'000'000, 3000}, {600'000, 1}), testing::HasSubstr("would keep 3000 rows of 600000 px"));
  EXPECT_THAT(reason({1, 1}, {200'000'000, 1}), testing::HasSubstr("pairs of weights"));
}

}  // namespace
}  // namespace ppinfer
