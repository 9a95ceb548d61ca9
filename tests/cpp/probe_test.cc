#include "model/probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>
#include <vector>

namespace ppinfer {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

using Scores = std::vector<float>;

const float kNan = std::numeric_limits<float>::quiet_NaN();

std::string of_fp32(const Scores& trusted, const Scores& judged, const Scores& nudged = {}) {
  return disagreement(trusted, nudged.empty() ? trusted : nudged, judged, Precision::kFp32);
}

TEST(Probe, RoundingAgreesAndALostOperatorDoesNot) {
  EXPECT_THAT(of_fp32({0.215F, 0.172F, 0.209F, 0.142F, 0.262F}, {0.21500002F, 0.172F, 0.209F, 0.142F, 0.262F}),
              IsEmpty());
  EXPECT_THAT(of_fp32({0.215F, 0.172F, 0.209F, 0.142F, 0.262F}, {0.215F, 0.174F, 0.208F, 0.122F, 0.281F}),
              testing::AllOf(HasSubstr("differs by 0.02"), HasSubstr("0.142 to 0.262")));
}

TEST(Probe, ScoresMayBeOfAnySize) {
  for (const float size : {1e-9F, 1.0F, 1e9F}) {
    const Scores trusted{size, 2 * size, 3 * size};
    EXPECT_THAT(of_fp32(trusted, {size * 1.00001F, 2 * size, 3 * size}), IsEmpty()) << size;
    EXPECT_THAT(of_fp32(trusted, {size * 1.1F, 2 * size, 3 * size}), HasSubstr("differs by")) << size;
  }
}

TEST(Probe, WhatAllScoresShareHidesNothing) {
  EXPECT_THAT(of_fp32({100.0F, 100.1F, 100.2F}, {100.0F, 100.15F, 100.2F}), HasSubstr("differs by"));
  // A span that is rounding itself.
  EXPECT_THAT(of_fp32({0.1F, 0.1F + 1e-8F, 0.1F}, {0.1F, 0.1F - 1e-8F, 0.1F}), IsEmpty());
}

TEST(Probe, AModelThatMagnifiesRoundingMayDifferMore) {
  const Scores trusted{0.1F, 0.5F, 0.9F}, judged{0.1F, 0.51F, 0.9F};
  EXPECT_THAT(of_fp32(trusted, judged), HasSubstr("differs by"));
  EXPECT_THAT(of_fp32(trusted, judged, {0.1F, 0.502F, 0.9F}), IsEmpty());
  EXPECT_THAT(of_fp32(trusted, {0.9F, 0.5F, 0.1F}, {0.9F, 0.1F, 0.5F}), HasSubstr("differs by")) << "not any amount";
}

TEST(Probe, OnlyFiniteScoresAreHeldAgainst) {
  EXPECT_THAT(of_fp32({kNan, 0.2F, 0.3F}, {0.7F, 0.2F, 0.3F}), IsEmpty());
  EXPECT_THAT(of_fp32({0.1F, 0.2F, 0.3F}, {0.1F, kNan, 0.3F}), HasSubstr("is not finite"));
  EXPECT_THAT(of_fp32({kNan, kNan}, {1.0F, 2.0F}), IsEmpty());
}

TEST(Probe, Bf16MayDifferMoreAndNotByAnOperator) {
  const Scores trusted{0.1F, 0.5F, 0.9F};
  const auto of_bf16 = [&](const Scores& judged) { return disagreement(trusted, trusted, judged, Precision::kBf16); };
  EXPECT_THAT(of_bf16({0.1F, 0.52F, 0.9F}), IsEmpty());
  EXPECT_THAT(of_bf16({0.1F, 0.9F, 0.9F}), HasSubstr("differs by"));
}

TEST(Probe, ImagesAreNoiseOfPreprocessingsRange) {
  BatchTensor images = probe_images(2, {33, 20}, 4, 0);
  for (int image = 0; image < 2; ++image) {
    const float* slot = images.slot(image);
    const std::size_t plane = 33 * 20;
    EXPECT_GT(std::set<float>(slot, slot + 3 * plane).size(), plane);
    EXPECT_GE(*std::min_element(slot, slot + 3 * plane), -2.2F);
    EXPECT_LE(*std::max_element(slot, slot + 3 * plane), 2.7F);
    EXPECT_TRUE(std::all_of(slot + 3 * plane, slot + 4 * plane, [](float value) { return value == 0; }));
  }
  const BatchTensor again = probe_images(2, {33, 20}, 4, 0), others = probe_images(2, {33, 20}, 4, 1);
  EXPECT_TRUE(std::equal(images.values(), images.values() + 2 * images.slot_values(), again.values()));
  EXPECT_FALSE(std::equal(images.values(), images.values() + 2 * images.slot_values(), others.values()));
}

TEST(Probe, RoundingMovesEachValueALittle) {
  const BatchTensor images = probe_images(1, {8, 8}, 3, 0);
  const BatchTensor moved = rounded_otherwise(images, Precision::kBf16);
  for (std::size_t i = 0; i < images.slot_values(); ++i) {
    EXPECT_NE(images.values()[i], moved.values()[i]);
    EXPECT_NEAR(images.values()[i], moved.values()[i], std::fabs(images.values()[i]) / 255);
  }
}

}  // namespace
}  // namespace ppinfer
