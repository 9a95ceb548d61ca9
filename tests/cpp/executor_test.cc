#include "executor/executor.h"

#include <gtest/gtest.h>

#include <cmath>
#include <thread>

#include "executor/pinned_thread.h"
#include "executor_world.h"

namespace ppinfer {
namespace {

INSTANTIATE_TEST_SUITE_P(BatchSizes, ExecutorTest, testing::Values(1, 3, 7, 64, 1000));

TEST_P(ExecutorTest, NothingToDoNeedsNoThread) {
  Executor executor(pipeline_, 2);
  EveryShade source(0);
  Collected sink;
  EXPECT_EQ(executor.run(*postprocessor_, source, sink, 0).images, 0);
}

TEST_P(ExecutorTest, PinnedLanesGiveTheirCpusBack) {
  const std::vector<int> before = cpus_of_thread();
  pipeline_.pins_lanes = true;
  Executor executor(pipeline_, static_cast<int>(before.size()));
  EveryShade source(77);
  Collected sink;
  executor.run(*postprocessor_, source, sink, executor.lanes());
  expect_right(sink.results, 77);
  EXPECT_EQ(cpus_of_thread(), before);
  const PinnedThread pinned(before.back());
  EXPECT_EQ(cpus_of_thread(), std::vector<int>{before.back()});
}

TEST_P(ExecutorTest, EveryImageGetsItsOwnAnswerInOrderWhateverTheTail) {
  Executor executor(pipeline_, 4);  // more lanes than engine instances, as on a GPU
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
  Executor executor(pipeline_, 2);
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

TEST_P(ExecutorTest, ScoresAsTheyAreComeByTheSameWay) {
  Executor executor(pipeline_, 2);
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
  Executor executor(pipeline_, 1);
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
  Executor executor(pipeline_, 1);
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

}  // namespace
}  // namespace ppinfer
