#include "executor/executor.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <mutex>
#include <thread>

#include "executor/pinned_thread.h"
#include "postprocess/ops.h"
#include "ppinfer/error.h"

namespace ppinfer {
namespace {

constexpr Size kImagePx{4, 4};

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
    rooms_.decode.max_pixels = 1000;
    rooms_.plan.pixel_ops = {ResizeTo{kImagePx, Interpolation::kBilinear}};
    rooms_.plan.normalize.scale = 1;
    rooms_.plan.output_px = kImagePx;
    rooms_.batch_size = GetParam();
    rooms_.engines = &engines_;
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
  Rooms rooms_;
};

INSTANTIATE_TEST_SUITE_P(BatchSizes, ExecutorTest, testing::Values(1, 3, 7, 64, 1000));

TEST_P(ExecutorTest, NothingToDoNeedsNoThread) {
  Executor executor(rooms_, 2);
  EveryShade source(0);
  Collected sink;
  EXPECT_EQ(executor.run(*postprocessor_, source, sink, 0).images, 0);
}

TEST_P(ExecutorTest, PinnedLanesGiveTheirCpusBack) {
  const std::vector<int> before = cpus_of_thread();
  rooms_.pins_lanes = true;
  Executor executor(rooms_, static_cast<int>(before.size()));
  EveryShade source(77);
  Collected sink;
  executor.run(*postprocessor_, source, sink, executor.lanes());
  expect_right(sink.results, 77);
  EXPECT_EQ(cpus_of_thread(), before);
  const PinnedThread pinned(before.back());
  EXPECT_EQ(cpus_of_thread(), std::vector<int>{before.back()});
}

TEST_P(ExecutorTest, EveryImageGetsItsOwnAnswerInOrderWhateverTheTail) {
  Executor executor(rooms_, 4);  // more lanes than engine instances, as on a GPU
  for (const int count : {0, 1, 2, 6, 64, 65, 777}) {
    EveryShade source(count);
    Collected sink;
    const RunStats stats = executor.run(*postprocessor_, source, sink, 4);
    expect_right(sink.results, count);
    EXPECT_EQ(stats.lanes, 4);
    EXPECT_GE(stats.idle_ms(), 0);
    EXPECT_EQ(stats.images, count);
    EXPECT_EQ(stats.errors, count / 256 + (count + 1) / 256);
  }
}

TEST_P(ExecutorTest, SeveralCallersAtOnceEachGetTheirOwn) {
  Executor executor(rooms_, 2);
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&] {
      EveryShade source(300);
      Collected sink;
      executor.run(*postprocessor_, source, sink, 2);
      expect_right(sink.results, 300);
    });
  }
  for (std::thread& caller : callers) caller.join();
}

TEST_P(ExecutorTest, WhatTheSourceThrowsComesOutAndTheExecutorLivesOn) {
  Executor executor(rooms_, 3);
  EveryShade source(500);
  source.throw_at = 100;
  Collected sink;
  EXPECT_THROW(executor.run(*postprocessor_, source, sink, 3), std::runtime_error);
  EXPECT_LE(sink.results.size(), 100u);
  EveryShade good(50);
  Collected again;
  executor.run(*postprocessor_, good, again, 3);
  expect_right(again.results, 50);
}

TEST_P(ExecutorTest, WhatTheSinkThrowsStopsTheRun) {
  Executor executor(rooms_, 3);
  EveryShade source(100000);
  Collected sink;
  sink.throw_at = 10;
  EXPECT_THROW(executor.run(*postprocessor_, source, sink, 3), RuntimeFailure);
  EXPECT_EQ(sink.results.size(), 10u);
}

TEST_P(ExecutorTest, ScoresAsTheyAreComeByTheSameWay) {
  Executor executor(rooms_, 2);
  EveryShade source(255);
  Collected sink;
  executor.run(*make_raw_postprocessor(), source, sink, 2);
  ASSERT_EQ(sink.results.size(), 255u);
  for (int shade = 0; shade < 254; ++shade) {
    const std::vector<float> both{static_cast<float>(shade), -1};
    EXPECT_EQ(sink.results[static_cast<std::size_t>(shade)].scores, both);
  }
  EXPECT_TRUE(sink.results[254].ok());
  EXPECT_TRUE(std::isnan(sink.results[254].scores.at(1)));
}

TEST_P(ExecutorTest, KeepsAliveOnlyUntilTheResult) {
  Executor executor(rooms_, 1);
  auto owner = std::make_shared<std::vector<std::uint8_t>>(3 * 4 * 4, std::uint8_t{7});
  ImageInput input;
  input.content = PixelView{owner->data(), kImagePx, 12, ChannelOrder::kRgb};
  input.keep_alive = owner;
  const Result result = executor.classify(*postprocessor_, std::move(input));
  EXPECT_EQ(result.scores, std::vector<float>{7});
  EXPECT_EQ(owner.use_count(), 1);
}

TEST_P(ExecutorTest, BadInputsAreRecordsAtTheirPlace) {
  class Mixed : public ImageSource {
   public:
    bool next(ImageInput& input) override {
      if (step_ == 4) return false;
      input.path = std::to_string(step_);
      if (step_ == 0) input.content = UnusableInput{"no picture"};
      if (step_ == 1) input.path = "/no/such/file.jpg";
      if (step_ == 2) input.content = EncodedImage{};
      if (step_ == 3) input.content = PixelView{white_, kImagePx, 12, ChannelOrder::kRgb};
      ++step_;
      return true;
    }

   private:
    int step_ = 0;
    std::uint8_t white_[48] = {9};
  } source;
  Executor executor(rooms_, 1);
  Collected sink;
  executor.run(*postprocessor_, source, sink, 1);
  ASSERT_EQ(sink.results.size(), 4u);
  EXPECT_EQ(sink.results[0].error, (ImageError{Stage::kRead, "no picture"}));
  ASSERT_TRUE(sink.results[1].error);
  EXPECT_EQ(sink.results[1].error->stage, Stage::kRead);
  ASSERT_TRUE(sink.results[2].error);
  EXPECT_EQ(sink.results[2].error->stage, Stage::kDecode);
  EXPECT_EQ(sink.results[3].scores, std::vector<float>{9});
}

class Watch : public RunWatch {
 public:
  bool look(const RunStats& so_far) override {
    EXPECT_EQ(std::this_thread::get_id(), caller);
    seen.push_back(so_far);
    if (seen.size() == throw_at) throw RuntimeFailure("seen enough");
    return seen.size() < stop_at;
  }
  const std::thread::id caller = std::this_thread::get_id();
  std::vector<RunStats> seen;
  std::size_t throw_at = 1000;
  std::size_t stop_at = 1000;
};

// Some milliseconds an image.
class SlowShades : public EveryShade {
 public:
  using EveryShade::EveryShade;
  bool next(ImageInput& input) override {
    EXPECT_NE(std::this_thread::get_id(), caller_) << "the caller watches, and is no lane";
    std::this_thread::sleep_for(std::chrono::milliseconds(4));
    return EveryShade::next(input);
  }

 private:
  const std::thread::id caller_ = std::this_thread::get_id();
};

TEST_P(ExecutorTest, AWatchSeesTheRunGrow) {
  if (GetParam() > 7) return;  // the first batch would be the last
  Executor executor(rooms_, 2);
  SlowShades source(100);
  Collected sink;
  Watch watch;
  const RunStats stats = executor.run(*postprocessor_, source, sink, 2, &watch);
  expect_right(sink.results, 100);
  ASSERT_GE(watch.seen.size(), 2U);
  EXPECT_LT(watch.seen.front().images, watch.seen.back().images);  // on a busy machine 0 at first
  EXPECT_GT(watch.seen.back().preprocess_ms, 0);
  EXPECT_LE(watch.seen.front().preprocess_ms, watch.seen.back().preprocess_ms);
  EXPECT_LE(watch.seen.back().preprocess_ms, stats.preprocess_ms);
  EXPECT_GE(watch.seen.front().wall_ms, 90);
  EXPECT_EQ(watch.seen.front().lanes, 2);
  EXPECT_EQ(stats.lanes, 2);
  EXPECT_EQ(stats.images, 100);
}

TEST_P(ExecutorTest, AWatchEndsTheRunWithWhatIsBegun) {
  Executor executor(rooms_, 2);
  SlowShades source(10'000);
  Collected sink;
  Watch watch;
  watch.stop_at = 1;
  const RunStats stats = executor.run(*postprocessor_, source, sink, 2, &watch);
  EXPECT_LT(stats.images, 1000);
  expect_right(sink.results, static_cast<int>(stats.images));
}

TEST_P(ExecutorTest, WhatAWatchThrowsComesOut) {
  Executor executor(rooms_, 2);
  SlowShades source(10'000);
  Collected sink;
  Watch watch;
  watch.throw_at = 1;
  EXPECT_THROW(executor.run(*postprocessor_, source, sink, 2, &watch), RuntimeFailure);
  EXPECT_EQ(watch.seen.size(), 1U);
}

}  // namespace
}  // namespace ppinfer
