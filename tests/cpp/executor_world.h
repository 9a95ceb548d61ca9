// Pictures of one shade each, an engine that gives the shade back, and a sink.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "executor/executor.h"
#include "postprocess/ops.h"
#include "ppinfer/error.h"

namespace ppinfer {

inline constexpr Size kImagePx{4, 4};

// Scores say which image it was: the brightness of the slot's first value. Fails when any image of the batch is white.
class EchoInstance : public EngineInstance {
 public:
  Span<const float> run(const BatchTensor& batch, int count) override {
    EXPECT_FALSE(busy_.exchange(true)) << "an instance is used by two threads at once";
    scores_.clear();
    for (int image = 0; image < count; ++image) {
      const float first = batch.values()[static_cast<std::size_t>(image) * batch.slot_values()];
      if (first == 255) fail_ = true;
      scores_.push_back(first);
      scores_.push_back(first == 254 ? NAN : -1);
    }
    busy_ = false;
    if (fail_) {
      fail_ = false;
      throw RuntimeFailure("white");
    }
    return scores_;
  }

 private:
  std::atomic<bool> busy_{false};
  bool fail_ = false;
  std::vector<float> scores_;
};

class EveryShade : public ImageSource {
 public:
  explicit EveryShade(int count) : count_(count) {
    for (int shade = 0; shade < 256; ++shade) pixels_.emplace_back(3 * 4 * 4, static_cast<std::uint8_t>(shade));
  }

  bool next(ImageInput& input) override {
    if (next_ == throw_at) throw std::runtime_error("the source broke");
    if (next_ == count_) return false;
    input.path = std::to_string(next_);
    const auto& pixels = pixels_[static_cast<std::size_t>(next_ % 256)];
    input.content = PixelView{pixels.data(), kImagePx, 12, ChannelOrder::kRgb};
    ++next_;
    return true;
  }

  int throw_at = -1;

 private:
  int count_;
  int next_ = 0;
  std::vector<std::vector<std::uint8_t>> pixels_;
};

class Collected : public ResultSink {
 public:
  void write(const Result& result) override {
    if (static_cast<int>(results.size()) == throw_at) throw RuntimeFailure("the sink is full");
    results.push_back(result);
  }
  std::vector<Result> results;
  int throw_at = -1;
};

class ExecutorTest : public testing::TestWithParam<int> {  // the batch size
 protected:
  ExecutorTest() : engines_(instances(2)), postprocessor_(make_top_k_postprocessor(1, labels_)) {
    pipeline_.decode.max_pixels = 1000;
    pipeline_.plan.pixel_ops = {ResizeTo{kImagePx, Interpolation::kBilinear}};
    pipeline_.plan.normalize.scale = 1;
    pipeline_.plan.output_px = kImagePx;
    pipeline_.batch_size = GetParam();
    pipeline_.engines = &engines_;
  }

  static std::vector<std::unique_ptr<EngineInstance>> instances(int count) {
    std::vector<std::unique_ptr<EngineInstance>> made;
    for (int instance = 0; instance < count; ++instance) made.push_back(std::make_unique<EchoInstance>());
    return made;
  }

  static void expect_right(const std::vector<Result>& results, int count) {
    ASSERT_EQ(results.size(), static_cast<std::size_t>(count));
    for (int index = 0; index < count; ++index) {
      const Result& result = results[static_cast<std::size_t>(index)];
      EXPECT_EQ(result.path, std::to_string(index));
      if (index % 256 == 255) {
        EXPECT_EQ(result.error, (ImageError{Stage::kInfer, "white"}));
      } else if (index % 256 == 254) {
        ASSERT_TRUE(result.error);
        EXPECT_EQ(result.error->stage, Stage::kPostprocess);
        EXPECT_TRUE(result.class_ids.empty() && result.scores.empty());
      } else {
        ASSERT_TRUE(result.ok()) << result.error->message;
        EXPECT_EQ(result.scores, std::vector<float>{static_cast<float>(index % 256)});
      }
    }
  }

  const std::vector<std::string> labels_;
  EnginePool engines_;
  std::unique_ptr<Postprocessor> postprocessor_;
  Pipeline pipeline_;
};

}  // namespace ppinfer
