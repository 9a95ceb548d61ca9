// Pixels to tensor, resize_short 256 and crop 224, on one core: Preprocessor, its slow twin, and what one would write
// with OpenCV (resize the whole image, crop, a table look-up a value). All three make the same bits: checked first.
//
// Ratios need --benchmark_enable_random_interleaving=true --benchmark_repetitions=20, which takes the ways in turns.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <opencv2/imgproc.hpp>
#include <random>
#include <string>
#include <vector>

#include "core/rgb_image.h"
#include "preprocess/preprocessor.h"
#include "twins/preprocess_reference.h"

namespace ppinfer {
namespace {

constexpr int kShortPx = 256, kCropPx = 224;
constexpr std::size_t kPlaneValues = std::size_t{kCropPx} * kCropPx;

struct Method {
  const char* name;
  ResizeBackend backend;
  Interpolation interpolation;
  int opencv_flag;  // -1: OpenCV doesn't have it
};
constexpr Method kMethods[] = {
    {"cv2_bilinear", ResizeBackend::kCv2, Interpolation::kBilinear, cv::INTER_LINEAR},
    {"cv2_bicubic", ResizeBackend::kCv2, Interpolation::kBicubic, cv::INTER_CUBIC},
    {"cv2_area", ResizeBackend::kCv2, Interpolation::kArea, cv::INTER_AREA},
    {"cv2_lanczos", ResizeBackend::kCv2, Interpolation::kLanczos, cv::INTER_LANCZOS4},
    {"pil_bilinear", ResizeBackend::kPil, Interpolation::kBilinear, -1},
    {"pil_bicubic", ResizeBackend::kPil, Interpolation::kBicubic, -1},
    {"pil_lanczos", ResizeBackend::kPil, Interpolation::kLanczos, -1},
};
constexpr Size kSizes[] = {{500, 375}, {4000, 3000}};

PreprocessPlan plan_of(const Method& method) {
  const Size crop_px{kCropPx, kCropPx};
  const Normalize imagenet{1.0 / 255.0, {0.485, 0.456, 0.406}, {0.229, 0.224, 0.225}, ChannelOrder::kRgb};
  return {{ResizeShort{kShortPx, method.interpolation, method.backend}, CenterCrop{crop_px}}, imagenet, crop_px};
}

RgbImage noisy_image(Size size_px) {
  std::mt19937 random(1);
  RgbImage image{size_px, {}, {}};
  const std::size_t values = 3 * static_cast<std::size_t>(size_px.width) * static_cast<std::size_t>(size_px.height);
  for (std::size_t index = 0; index < values; ++index) image.pixels.push_back(static_cast<std::uint8_t>(random()));
  return image;
}

using Tables = std::array<std::array<float, 256>, 3>;

Tables tables_of(const Normalize& normalize) {
  Tables tables;
  for (std::size_t channel = 0; channel < 3; ++channel) {
    for (std::size_t pixel = 0; pixel < 256; ++pixel) {
      const float scaled = static_cast<float>(pixel) * static_cast<float>(normalize.scale);
      tables[channel][pixel] =
          (scaled - static_cast<float>(normalize.mean[channel])) / static_cast<float>(normalize.std[channel]);
    }
  }
  return tables;
}

void by_opencv(const RgbImage& image, int flag, const Tables& tables, cv::Mat& resized, float* slot) {
  const cv::Mat whole(image.size_px.height, image.size_px.width, CV_8UC3,
                      const_cast<std::uint8_t*>(image.pixels.data()));
  const Size resized_px = resize_short_size(image.size_px, kShortPx);
  cv::resize(whole, resized, {resized_px.width, resized_px.height}, 0, 0, flag);
  const int left = (resized.cols - kCropPx) / 2, top = (resized.rows - kCropPx) / 2;
  for (int y = 0; y < kCropPx; ++y) {
    const std::uint8_t* pixel = resized.ptr(top + y) + 3 * left;
    for (int x = 0; x < kCropPx; ++x, ++slot, pixel += 3) {
      for (std::size_t channel = 0; channel < 3; ++channel)
        slot[channel * kPlaneValues] = tables[channel][pixel[channel]];
    }
  }
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

bool all_equal(const Method& method, const RgbImage& image) {
  const PreprocessPlan plan = plan_of(method);
  std::vector<float> slot(3 * kPlaneValues), slot_by_opencv(3 * kPlaneValues);
  Preprocessor(plan).run(image.view(), slot.data());
  if (!same_bits(slot, preprocess_reference(plan, image.view()))) return false;
  if (method.opencv_flag < 0) return true;
  cv::Mat resized;
  by_opencv(image, method.opencv_flag, tables_of(plan.normalize), resized, slot_by_opencv.data());
  return same_bits(slot, slot_by_opencv);
}

void register_benchmarks(const Method& method, const RgbImage& image) {
  const std::string name = std::string(method.name) + "/" + std::to_string(image.size_px.width) + "x" +
                           std::to_string(image.size_px.height) + "/";
  const auto add = [&](const char* who, auto body) {
    benchmark::RegisterBenchmark((name + who).c_str(), body)->Unit(benchmark::kMicrosecond);
  };
  add("ppinfer", [&](benchmark::State& state) {
    Preprocessor preprocessor(plan_of(method));
    std::vector<float> slot(3 * kPlaneValues);
    for (auto _ : state) preprocessor.run(image.view(), slot.data());
  });
  add("twin", [&](benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(preprocess_reference(plan_of(method), image.view()));
  });
  if (method.opencv_flag < 0) return;
  add("opencv", [&](benchmark::State& state) {
    const Tables tables = tables_of(plan_of(method).normalize);
    cv::Mat resized;
    std::vector<float> slot(3 * kPlaneValues);
    for (auto _ : state) by_opencv(image, method.opencv_flag, tables, resized, slot.data());
  });
}

}  // namespace
}  // namespace ppinfer

int main(int argc, char** argv) {
  cv::setNumThreads(1);
  std::vector<ppinfer::RgbImage> images;
  for (const ppinfer::Size& size_px : ppinfer::kSizes) images.push_back(ppinfer::noisy_image(size_px));
  for (const ppinfer::Method& method : ppinfer::kMethods) {
    for (const ppinfer::RgbImage& image : images) {
      if (!ppinfer::all_equal(method, image)) {
        std::fprintf(stderr, "%s: the ways to preprocess differ: nothing is timed\n", method.name);
        return 1;
      }
      ppinfer::register_benchmarks(method, image);
    }
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
