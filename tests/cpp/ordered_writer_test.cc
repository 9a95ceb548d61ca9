#include "executor/ordered_writer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <stdexcept>
#include <thread>

#include "ppinfer/error.h"

namespace ppinfer {
namespace {

class Collected : public ResultSink {
 public:
  void write(const Result& result) override {
    if (result.path == fail_at) throw RuntimeFailure("full");
    paths.push_back(result.path);
  }
  std::vector<std::string> paths;
  std::string fail_at;
};

std::vector<Result> batch_named(std::initializer_list<const char*> names) {
  std::vector<Result> results;
  for (const char* name : names) results.emplace_back().path = name;
  return results;
}

TEST(OrderedWriter, HoldsBackWhatCameEarly) {
  Collected sink;
  OrderedWriter writer(sink, 4);
  auto second = batch_named({"c"});
  EXPECT_TRUE(writer.put(1, second));
  EXPECT_TRUE(sink.paths.empty());
  auto first = batch_named({"a", "b", "b2"});
  first[1].error = ImageError{Stage::kDecode, "bad"};
  first[2].error = ImageError{Stage::kMachine, "out of memory"};
  EXPECT_TRUE(writer.put(0, first));
  EXPECT_EQ(sink.paths, (std::vector<std::string>{"a", "b", "b2", "c"}));
  EXPECT_EQ(writer.stats().images, 4);
  EXPECT_EQ(writer.stats().errors, 2);
  EXPECT_EQ(writer.stats().machine_errors, 1);
}

TEST(OrderedWriter, ManyThreadsInAnyOrderLeaveInOrderAndWithinTheWindow) {
  constexpr int kBatches = 2000;
  Collected sink;
  OrderedWriter writer(sink, 3);
  std::atomic<int> taken{0};
  std::vector<std::thread> lanes;
  for (unsigned lane = 0; lane < 4; ++lane) {
    lanes.emplace_back([&, lane] {
      std::mt19937 random(lane);
      for (int sequence = taken++; sequence < kBatches; sequence = taken++) {
        auto results = batch_named({std::to_string(sequence).c_str()});
        if (random() % 64 == 0) std::this_thread::sleep_for(std::chrono::microseconds(random() % 500));
        writer.put(sequence, results);
      }
    });
  }
  for (std::thread& lane : lanes) lane.join();
  ASSERT_EQ(sink.paths.size(), kBatches);
  for (int sequence = 0; sequence < kBatches; ++sequence) {
    ASSERT_EQ(sink.paths[static_cast<std::size_t>(sequence)], std::to_string(sequence));
  }
}

TEST(OrderedWriter, StopLetsGoOfALaneThatWaits) {
  Collected sink;
  OrderedWriter writer(sink, 1);
  std::thread ahead([&] {
    auto results = batch_named({"far ahead"});
    EXPECT_FALSE(writer.put(5, results));
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  writer.stop();
  ahead.join();
  EXPECT_TRUE(sink.paths.empty());
}

TEST(OrderedWriter, WhatTheSinkThrowsComesOut) {
  Collected sink;
  sink.fail_at = "b";
  OrderedWriter writer(sink, 4);
  auto results = batch_named({"a", "b", "c"});
  EXPECT_THROW(writer.put(0, results), RuntimeFailure);
  EXPECT_EQ(sink.paths, std::vector<std::string>{"a"});
}

}  // namespace
}  // namespace ppinfer
