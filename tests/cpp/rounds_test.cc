#include "ppinfer/rounds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <tuple>

#include "ppinfer/error.h"

namespace ppinfer {
namespace {

using testing::ElementsAre;
using testing::Ge;

TEST(RepeatedFiles, TakesThemInOrderOverAndOver) {
  RepeatedFiles source({"a", "b", "c"}, 7);
  std::vector<std::string> paths;
  for (ImageInput input; source.next(input);) {
    EXPECT_TRUE(std::holds_alternative<std::monostate>(input.content));
    paths.push_back(input.path);
  }
  EXPECT_THAT(paths, ElementsAre("a", "b", "c", "a", "b", "c", "a"));
}

TEST(RepeatedFiles, OfNoneEndsAtOnce) {
  RepeatedFiles source({}, 7);
  ImageInput input;
  EXPECT_FALSE(source.next(input));
}

// Result number n takes n ms to write, by a clock that goes no further.
class Counting : public ResultSink {
 public:
  void write(const Result&) override { now += std::chrono::milliseconds(++written); }
  int written = 0;
  RoundClock::Time now;
};

std::vector<double> round_ms(const RoundPlan& plan) {
  Counting sink;
  RoundClock clock(sink, plan, [&sink] { return sink.now; });
  for (std::int64_t image = 0; image < plan.images(); ++image) clock.write({});
  EXPECT_EQ(sink.written, plan.images());
  return clock.round_ms();
}

TEST(RoundClock, ARoundIsFromTheLastResultBeforeItToItsOwnLast) {
  EXPECT_EQ(RoundPlan({3, 4, 2}).images(), 16);  // 1-2 lead, 3-6, 7-10 and 11-14 are rounds, 15-16 follow
  EXPECT_THAT(round_ms({3, 4, 2}), ElementsAre(3 + 4 + 5 + 6, 7 + 8 + 9 + 10, 11 + 12 + 13 + 14));
}

TEST(RoundClock, RoundsOfOneImageAreItsTimes) { EXPECT_THAT(round_ms({4, 1, 1}), ElementsAre(2, 3, 4, 5)); }

// The results of `lanes` lanes that take 1 ms an image: those of batch b, which is lane b % lanes' next, all at once
// when it is done, and lane l begins l * `behind` ms after the first.
std::vector<double> round_ms_of_lanes(int lanes, int batch_size, int behind, std::int64_t round_images) {
  Counting sink;
  RoundClock::Time now;
  const RoundPlan plan{3, round_images, std::int64_t{lanes} * batch_size};
  RoundClock clock(sink, plan, [&now] { return now; });
  for (std::int64_t image = 0; image < plan.images(); ++image) {
    const std::int64_t batch = image / batch_size;
    now = RoundClock::Time() + std::chrono::milliseconds((batch / lanes + 1) * batch_size + batch % lanes * behind);
    clock.write({});
  }
  return clock.round_ms();
}

TEST(RoundClock, TheRateIsThatOfTheLanesWhateverTheBatch) {
  for (const auto& [lanes, batch_size, behind] : {std::tuple{2, 1, 0}, {2, 8, 0}, {2, 8, 3}, {3, 32, 10}, {1, 64, 0}}) {
    const std::int64_t round_images = std::int64_t{2} * lanes * batch_size;
    const double expected_ms = static_cast<double>(round_images) / lanes;
    EXPECT_THAT(round_ms_of_lanes(lanes, batch_size, behind, round_images),
                ElementsAre(expected_ms, expected_ms, expected_ms));
  }
}

TEST(RoundClock, NoRoundEndsWithinABatch) {
  Counting sink;
  EXPECT_THROW(RoundClock(sink, {1, 45, 16}), Error);  // of which 2 lanes do 48
  EXPECT_THROW(RoundClock(sink, {1, 0, 16}), Error);
  EXPECT_NO_THROW(RoundClock(sink, {1, 48, 16}));
}

TEST(RoundClock, WhatEndsEarlyHasFewerRounds) {
  Counting sink;
  RoundClock clock(sink, {3, 4, 2}, [&sink] { return sink.now; });
  for (int image = 0; image < 9; ++image) clock.write({});
  EXPECT_THAT(clock.round_ms(), ElementsAre(3 + 4 + 5 + 6));
}

TEST(RoundClock, GoesByARealClockUnlessToldOtherwise) {
  Counting sink;
  RoundClock clock(sink, {2, 1, 1});
  for (int image = 0; image < 4; ++image) clock.write({});
  EXPECT_THAT(clock.round_ms(), ElementsAre(Ge(0), Ge(0)));
}

}  // namespace
}  // namespace ppinfer
