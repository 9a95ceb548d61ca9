// Decoding of JPEGs for the usual plan (resize short 256, crop 224), against OpenCV and against the entropy decoding
// alone, which none of them can do without.
//
//   cmake --preset release -DPPINFER_BUILD_BENCHES=ON && cmake --build --preset release --target decode_bench
//   build/release/bin/decode_bench [PHOTO.jpg ...]
//
// Without photos: made-up pictures of 500x375 and 4000x3000 px, at a real photo's bytes a pixel.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>  // jpeglib.h wants it
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iterator>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <string>
#include <vector>

// After the standard headers, which it doesn't include itself.
#include <jpeglib.h>

#include "decode/decoder.h"
#include "preprocess/needed_region.h"

namespace ppinfer {
namespace {

using Bytes = std::vector<std::uint8_t>;

struct Photo {
  std::string name;
  Bytes bytes;
};

PreprocessPlan usual_plan() {
  PreprocessPlan plan;
  plan.pixel_ops = {ResizeShort{256, Interpolation::kBilinear}, CenterCrop{{224, 224}}};
  plan.output_px = {224, 224};
  return plan;
}

// Shapes of every size, with grain; some 0.6 bytes a pixel, as the photos of ImageNet have.
Photo made_up(int width_px, int height_px, bool is_progressive) {
  cv::RNG random(5);
  cv::Mat picture(height_px, width_px, CV_8UC3, cv::Scalar::all(110));
  for (int cell_px = 256; cell_px >= 8; cell_px /= 2) {
    cv::Mat coarse(height_px / cell_px + 2, width_px / cell_px + 2, CV_8UC3), fine;
    random.fill(coarse, cv::RNG::UNIFORM, 0, 120);
    cv::resize(coarse, fine, picture.size(), 0, 0, cv::INTER_CUBIC);
    picture += fine - cv::Scalar::all(60);
  }
  cv::Mat grain(picture.size(), CV_8UC3);
  random.fill(grain, cv::RNG::UNIFORM, 0, 24);
  picture += grain;
  Photo photo;
  photo.name = std::to_string(width_px) + "x" + std::to_string(height_px) + (is_progressive ? "_progressive" : "");
  cv::imencode(".jpg", picture, photo.bytes,
               {cv::IMWRITE_JPEG_QUALITY, 90, cv::IMWRITE_JPEG_PROGRESSIVE, is_progressive ? 1 : 0});
  return photo;
}

void report(benchmark::State& state, const Photo& photo) {
  state.counters["kB"] = static_cast<double>(photo.bytes.size()) / 1000;
  state.counters["images/s"] = benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

void decode_with(benchmark::State& state, const Photo& photo, const DecodeOptions& options) {
  Decoder decoder(options);
  RgbImage image;
  for (auto _ : state) {
    decoder.decode({photo.bytes}, image);
    benchmark::DoNotOptimize(image.pixels.data());
  }
  report(state, photo);
}

DecodeOptions crop_aware() {
  DecodeOptions options;
  options.needed_region = [plan = usual_plan()](Size image_px) { return needed_region(plan, image_px); };
  return options;
}

DecodeOptions fast() {
  DecodeOptions options = crop_aware();
  options.smallest_size = [plan = usual_plan()](Size image_px) { return smallest_source(plan, image_px); };
  return options;
}

void decode_by_opencv(benchmark::State& state, const Photo& photo) {
  cv::Mat image;
  for (auto _ : state) {
    cv::imdecode(photo.bytes, cv::IMREAD_COLOR, &image);
    benchmark::DoNotOptimize(image.data);
  }
  report(state, photo);
}

// Every code of the picture is read and nothing is made of it: all rows but the last are skipped. A file of several
// scans has its coefficients stored, as it must.
void decode_entropy_only(benchmark::State& state, const Photo& photo) {
  std::vector<std::uint8_t> row_memory;
  for (auto _ : state) {
    jpeg_decompress_struct codec;
    jpeg_error_mgr errors;
    codec.err = jpeg_std_error(&errors);
    jpeg_create_decompress(&codec);
    jpeg_mem_src(&codec, photo.bytes.data(), static_cast<unsigned long>(photo.bytes.size()));
    jpeg_read_header(&codec, TRUE);
    jpeg_start_decompress(&codec);
    row_memory.resize(std::size_t{4} * codec.output_width);
    jpeg_skip_scanlines(&codec, codec.output_height - 1);
    JSAMPROW row = row_memory.data();
    benchmark::DoNotOptimize(jpeg_read_scanlines(&codec, &row, 1));
    jpeg_destroy_decompress(&codec);
  }
  report(state, photo);
}

// The same and the coefficients stored, for all blocks at once.
void read_coefficients(benchmark::State& state, const Photo& photo) {
  for (auto _ : state) {
    jpeg_decompress_struct codec;
    jpeg_error_mgr errors;
    codec.err = jpeg_std_error(&errors);
    jpeg_create_decompress(&codec);
    jpeg_mem_src(&codec, photo.bytes.data(), static_cast<unsigned long>(photo.bytes.size()));
    jpeg_read_header(&codec, TRUE);
    benchmark::DoNotOptimize(jpeg_read_coefficients(&codec));
    jpeg_destroy_decompress(&codec);
  }
  report(state, photo);
}

// A measurement of something else than what is claimed is worth nothing.
void require_same_pixels(const Photo& photo) {
  RgbImage image, part;
  Decoder(DecodeOptions{}).decode({photo.bytes}, image);
  Decoder(crop_aware()).decode({photo.bytes}, part);
  const cv::Mat bgr = cv::imdecode(photo.bytes, cv::IMREAD_COLOR);
  const Region needed = needed_region(usual_plan(), image.size_px);
  bool is_same = image.size_px == Size{bgr.cols, bgr.rows} && part.size_px == image.size_px;
  for (int y = 0; is_same && y < bgr.rows; ++y) {
    for (int x = 0; x < bgr.cols; ++x) {
      const std::size_t first =
          3 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(bgr.cols) + static_cast<std::size_t>(x));
      const bool is_needed =
          x >= needed.x && x < needed.x + needed.width && y >= needed.y && y < needed.y + needed.height;
      for (int channel = 0; channel < 3; ++channel) {
        const std::uint8_t pixel = image.pixels[first + static_cast<std::size_t>(channel)];
        is_same = is_same && pixel == bgr.at<cv::Vec3b>(y, x)[2 - channel];
        if (is_needed) is_same = is_same && pixel == part.pixels[first + static_cast<std::size_t>(channel)];
      }
    }
  }
  if (is_same) return;
  std::fprintf(stderr, "%s: exact, crop-aware and OpenCV's pixels differ\n", photo.name.c_str());
  std::exit(1);
}

void add_benchmarks(const Photo& photo) {
  const auto add = [&](const char* what, const auto& run) {
    benchmark::RegisterBenchmark((photo.name + "/" + what).c_str(), run)->Unit(benchmark::kMillisecond);
  };
  add("opencv", [photo](benchmark::State& state) { decode_by_opencv(state, photo); });
  add("exact_whole", [photo](benchmark::State& state) { decode_with(state, photo, {}); });
  add("exact_crop_aware", [photo](benchmark::State& state) { decode_with(state, photo, crop_aware()); });
  add("fast", [photo](benchmark::State& state) { decode_with(state, photo, fast()); });
  add("coefficients", [photo](benchmark::State& state) { read_coefficients(state, photo); });
  add("entropy_only", [photo](benchmark::State& state) { decode_entropy_only(state, photo); });
}

}  // namespace
}  // namespace ppinfer

int main(int argc, char** argv) {
  using namespace ppinfer;
  cv::setNumThreads(1);
  benchmark::Initialize(&argc, argv);
  std::vector<Photo> photos;
  for (int index = 1; index < argc; ++index) {
    std::ifstream file(argv[index], std::ios::binary);
    const std::string path = argv[index];
    photos.push_back({path.substr(path.rfind('/') + 1), Bytes{std::istreambuf_iterator<char>(file), {}}});
  }
  if (photos.empty()) photos = {made_up(500, 375, false), made_up(4000, 3000, false), made_up(4000, 3000, true)};
  try {
    for (const Photo& photo : photos) {
      require_same_pixels(photo);
      add_benchmarks(photo);
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
