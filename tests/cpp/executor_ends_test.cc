// How runs end, and what is told of them until then: sources that wait or fail, sinks that fail, watches.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "executor_world.h"

namespace ppinfer {
namespace {

INSTANTIATE_TEST_SUITE_P(BatchSizes, ExecutorTest, testing::Values(1, 3, 7, 64, 1000));

TEST_P(ExecutorTest, WhatTheSourceThrowsComesOutAndTheExecutorLivesOn) {
  Executor executor(pipeline_, 3);
  EveryShade source(500);
  source.throw_at = 100;
  Collected sink;
  EXPECT_THROW(executor.run(*postprocessor_, source, sink, 3), std::runtime_error);
  expect_right(sink.results, 100);  // what came before it is whole
  EveryShade good(50);
  Collected again;
  executor.run(*postprocessor_, good, again, 3);
  expect_right(again.results, 50);
}

TEST_P(ExecutorTest, WhatTheSinkThrowsStopsTheRun) {
  Executor executor(pipeline_, 3);
  EveryShade source(100000);
  Collected sink;
  sink.throw_at = 10;
  EXPECT_THROW(executor.run(*postprocessor_, source, sink, 3), RuntimeFailure);
  EXPECT_EQ(sink.results.size(), 10u);
}

class Watch : public RunObserver {
 public:
  bool on_progress(const RunStats& so_far) override {
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
  Executor executor(pipeline_, 2);
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
  Executor executor(pipeline_, 2);
  SlowShades source(10'000);
  Collected sink;
  Watch watch;
  watch.stop_at = 1;
  const RunStats stats = executor.run(*postprocessor_, source, sink, 2, &watch);
  EXPECT_LT(stats.images, 1000);
  expect_right(sink.results, static_cast<int>(stats.images));
}

TEST_P(ExecutorTest, WhatAWatchThrowsComesOut) {
  Executor executor(pipeline_, 2);
  SlowShades source(10'000);
  Collected sink;
  Watch watch;
  watch.throw_at = 1;
  EXPECT_THROW(executor.run(*postprocessor_, source, sink, 2, &watch), RuntimeFailure);
  EXPECT_EQ(watch.seen.size(), 1U);
}

// Gives so many at once, and what comes after them only when it is told to; see done().
class PausingShades : public EveryShade {
 public:
  PausingShades(int count, int at_once) : EveryShade(count), left_(at_once) {}

  bool next(ImageInput& input) override {
    std::unique_lock lock(mutex_);
    if (left_ == 0) {
      is_waited_for_ = true;
      told_.notify_all();
      wait(lock, is_done_);
    }
    if (is_stopped_) return false;
    if (left_ > 0) --left_;
    return EveryShade::next(input);
  }
  bool is_ready() override {
    const std::lock_guard lock(mutex_);
    return left_ > 0 || is_done_;
  }
  void stop() override {
    const std::lock_guard lock(mutex_);
    if (is_deaf) return;
    is_stopped_ = is_done_ = true;
    told_.notify_all();
  }
  void done() {
    const std::lock_guard lock(mutex_);
    is_done_ = true;
    told_.notify_all();
  }

  void until_waited_for() {
    std::unique_lock lock(mutex_);
    wait(lock, is_waited_for_);
  }

  bool is_deaf = false;  // as a Python iterator is

 private:
  void wait(std::unique_lock<std::mutex>& lock, const bool& condition) {
    EXPECT_TRUE(told_.wait_for(lock, std::chrono::seconds(60), [&] { return condition; })) << "it waits for ever";
  }

  std::mutex mutex_;
  std::condition_variable told_;
  int left_;
  bool is_waited_for_ = false;
  bool is_done_ = false;
  bool is_stopped_ = false;
};

TEST_P(ExecutorTest, NoImageWaitsForABatchToFill) {
  class Answers : public Collected {  // to a client who sends more only when he has all answers
   public:
    explicit Answers(PausingShades& source) : source_(source) {}
    void write(const Result& result) override {
      Collected::write(result);
      if (results.size() == 5) source_.done();
    }

   private:
    PausingShades& source_;
  };
  for (const int lanes : {1, 2}) {
    Executor executor(pipeline_, lanes);
    PausingShades source(300, 5);
    Answers sink(source);
    executor.run(*postprocessor_, source, sink, lanes);
    expect_right(sink.results, 300);
  }
}

// While another lane waits for the source.
class FailingSink : public ResultSink {
 public:
  explicit FailingSink(PausingShades& source) : source_(source) {}
  void write(const Result&) override {
    source_.until_waited_for();
    has_failed = true;
    throw RuntimeFailure("the sink is full");
  }
  std::atomic<bool> has_failed{false};

 private:
  PausingShades& source_;
};

TEST_P(ExecutorTest, AFailureEndsTheWaitOfAnotherLane) {
  Executor executor(pipeline_, 2);
  PausingShades source(300, 5);
  FailingSink sink(source);
  EXPECT_THROW(executor.run(*postprocessor_, source, sink, 2), RuntimeFailure);
}

TEST_P(ExecutorTest, AWatchLooksOnWhileALaneOfAFailedRunStillWaits) {
  class Ends : public RunObserver {
   public:
    Ends(PausingShades& source, const FailingSink& sink) : source_(source), sink_(sink) {}
    bool on_progress(const RunStats&) override {
      if (sink_.has_failed && ++calls_ == 3) source_.done();
      return true;
    }

   private:
    PausingShades& source_;
    const FailingSink& sink_;
    int calls_ = 0;
  };
  Executor executor(pipeline_, 2);
  PausingShades source(300, 5);
  source.is_deaf = true;
  FailingSink sink(source);
  Ends watch(source, sink);
  EXPECT_THROW(executor.run(*postprocessor_, source, sink, 2, &watch), RuntimeFailure);
}

}  // namespace
}  // namespace ppinfer
