#include "executor/stage_costs.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "postprocess/ops.h"
#include "ppinfer/error.h"
#include "sample_images.h"
#include "temporary_folder.h"

namespace ppinfer {
namespace {

constexpr int kBatchSize = 4;
constexpr int kInferMs = 8;  // a batch
constexpr int kWriteMs = 1;  // a result

// Takes a known time, full batches only, and says what images it saw.
class SleepingInstance : public EngineInstance {
 public:
  Span<const float> run(const BatchTensor& batch, int count) override {
    EXPECT_EQ(count, kBatchSize);
    const auto begin = std::chrono::steady_clock::now();
    std::this_thread::sleep_for(std::chrono::milliseconds(kInferMs));
    const std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - begin;
    longest_ms = std::max(longest_ms, taken.count());
    scores_.clear();
    for (int image = 0; image < count; ++image) {
      scores_.push_back(batch.values()[static_cast<std::size_t>(image) * batch.slot_values()]);
      scores_.push_back(-1);
    }
    return scores_;
  }

  inline static double longest_ms = 0;  // of a batch, which a busy machine prolongs

 private:
  std::vector<float> scores_;
};

class SleepingSink : public ResultSink {
 public:
  void write(const Result& result) override {
    std::this_thread::sleep_for(std::chrono::milliseconds(kWriteMs));
    results.push_back(result);
  }
  std::vector<Result> results;
};

class StageCostsTest : public testing::Test {
 protected:
  StageCostsTest() : engines_(one_instance()), postprocessor_(make_top_k_postprocessor(1, labels_)) {
    pipeline_.decode.max_pixels = 1'000'000;
    pipeline_.plan.pixel_ops = {ResizeTo{{8, 8}, Interpolation::kBilinear}};
    pipeline_.plan.normalize.scale = 1;
    pipeline_.plan.output_px = {8, 8};
    pipeline_.batch_size = kBatchSize;
    pipeline_.engines = &engines_;
  }

  static std::vector<std::unique_ptr<EngineInstance>> one_instance() {
    std::vector<std::unique_ptr<EngineInstance>> instances;
    instances.push_back(std::make_unique<SleepingInstance>());
    return instances;
  }

  ImageInput file(const std::string& name, int shade) {
    const Bytes bytes = encode(".png", cv::Mat(300, 400, CV_8UC3, cv::Scalar::all(shade)));
    ImageInput input;
    input.path = folder_.write(name, std::string(bytes.begin(), bytes.end()));
    return input;
  }

  StageTimes measure(const std::vector<ImageInput>& inputs, double seconds = 0.05) {
    return stage_costs(pipeline_, *postprocessor_, inputs, seconds, sink_, [this] { ++checks_; });
  }

  const TemporaryFolder folder_;
  const std::vector<std::string> labels_;
  EnginePool engines_;
  std::unique_ptr<Postprocessor> postprocessor_;
  Pipeline pipeline_;
  SleepingSink sink_;
  int checks_ = 0;
};

TEST_F(StageCostsTest, EachStageCostsWhatItTakesAnImage) {
  const StageTimes costs = measure({file("a.png", 10), file("b.png", 20), file("c.png", 30)});
  EXPECT_GT(costs.read_ms, 0);
  EXPECT_GT(costs.decode_ms, 0);
  EXPECT_GT(costs.preprocess_ms, 0);
  EXPECT_GE(costs.infer_ms, 1.0 * kInferMs / kBatchSize);
  EXPECT_LT(costs.infer_ms, SleepingInstance::longest_ms);  // of an image, not of a batch
  EXPECT_GT(costs.postprocess_ms, 0);
  EXPECT_GE(costs.write_ms, kWriteMs);
  EXPECT_GT(checks_, 20);
}

TEST_F(StageCostsTest, RealAnswersOfFullBatchesAreWritten) {
  measure({file("a.png", 10), file("b.png", 20), file("c.png", 30)}, 0);
  ASSERT_GE(sink_.results.size(), 6u);
  for (std::size_t index = 0; index < 6; ++index) {  // again from the first where there are too few for a batch
    const Result& result = sink_.results[index];
    EXPECT_EQ(result.path, folder_.path(std::string(1, static_cast<char>('a' + index % 3)) + ".png"));
    EXPECT_EQ(result.scores, std::vector<float>{static_cast<float>(10 * (index % 3 + 1))});
  }
}

TEST_F(StageCostsTest, PixelsAreNeitherReadNorDecoded) {
  const RgbImage image = rgb_of(make_picture(64, 48));
  ImageInput input;
  input.content = image.view();
  const StageTimes costs = measure({input}, 0.01);
  EXPECT_EQ(costs.read_ms, 0);
  EXPECT_EQ(costs.decode_ms, 0);
  EXPECT_GT(costs.preprocess_ms, 0);
}

TEST_F(StageCostsTest, ABadImageIsNamed) {
  ImageInput bad;
  bad.path = folder_.write("bad.jpg", "no image");
  try {
    measure({file("a.png", 10), bad});
    FAIL() << "nothing was thrown";
  } catch (const BadImageError& error) {
    EXPECT_EQ(error.path(), bad.path);
    EXPECT_EQ(error.error().stage, Stage::kDecode);
  }
}

TEST_F(StageCostsTest, NoImagesAreAnError) { EXPECT_THROW(measure({}), Error); }

TEST_F(StageCostsTest, WhatTheCheckThrowsComesOutAndTheInstanceIsGivenBack) {
  const std::vector<ImageInput> inputs = {file("a.png", 10)};
  for (const int last :
       {1, 17, 18, 19}) {  // while it warms up, in a pass, after the engine, and while it postprocesses
    int checks = 0;
    const auto check = [&] {
      if (++checks == last) throw std::runtime_error("enough");
    };
    EXPECT_THROW(stage_costs(pipeline_, *postprocessor_, inputs, 0, sink_, check), std::runtime_error) << last;
  }
  measure(inputs, 0);
}

}  // namespace
}  // namespace ppinfer
