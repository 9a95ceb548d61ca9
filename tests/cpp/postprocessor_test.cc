#include "postprocess/postprocessor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <thread>

#include "core/image_failure.h"

namespace ppinfer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::vector<float> kScores{0.125F, 0.5F, 0.25F, 0.125F};

TEST(TopKPostprocessor, FillsIdsScoresAndLabels) {
  const std::vector<std::string> labels{"cat", "dog", "fox", "owl"};
  const auto postprocessor = make_top_k_postprocessor(3, labels);
  Result result;
  postprocessor->process(kScores, result);
  EXPECT_THAT(result.class_ids, ElementsAre(1, 2, 0));
  EXPECT_THAT(result.scores, ElementsAre(0.5F, 0.25F, 0.125F));
  EXPECT_THAT(result.label_names, ElementsAre("dog", "fox", "cat"));
}

TEST(TopKPostprocessor, WithoutLabelsNamesNone) {
  const std::vector<std::string> no_labels;
  Result result;
  result.label_names = {"of another image"};
  make_top_k_postprocessor(9, no_labels)->process(kScores, result);
  EXPECT_THAT(result.class_ids, ElementsAre(1, 2, 0, 3));
  EXPECT_THAT(result.label_names, IsEmpty());
}

TEST(TopKPostprocessor, ScoreThatIsNotFiniteIsThatImagesFailure) {
  const std::vector<std::string> no_labels;
  const auto postprocessor = make_top_k_postprocessor(1, no_labels);
  for (const float bad : {NAN, INFINITY, -INFINITY}) {
    Result result;
    try {
      postprocessor->process(std::vector<float>{1.0F, bad, 2.0F}, result);
      FAIL() << bad << " passed";
    } catch (const ImageFailure& failure) {
      EXPECT_EQ(failure.stage(), Stage::kPostprocess);
      EXPECT_THAT(failure.what(), HasSubstr("class 1"));
    }
  }
  Result result;
  EXPECT_NO_THROW(postprocessor->process(std::vector<float>{std::numeric_limits<float>::max()}, result));
}

TEST(TopKPostprocessor, ServesManyThreads) {
  const std::vector<std::string> labels{"cat", "dog", "fox", "owl"};
  const auto postprocessor = make_top_k_postprocessor(2, labels);
  std::vector<Result> results(4);
  std::vector<std::thread> threads;
  for (Result& result : results) {
    threads.emplace_back([&] {
      for (int turn = 0; turn < 1000; ++turn) postprocessor->process(kScores, result);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Result& result : results) EXPECT_THAT(result.label_names, ElementsAre("dog", "fox"));
}

TEST(Stage, NamesAreThoseOfTheRecords) {
  EXPECT_STREQ(to_string(Stage::kRead), "read");
  EXPECT_STREQ(to_string(Stage::kDecode), "decode");
  EXPECT_STREQ(to_string(Stage::kPreprocess), "preprocess");
  EXPECT_STREQ(to_string(Stage::kInfer), "infer");
  EXPECT_STREQ(to_string(Stage::kPostprocess), "postprocess");
}

}  // namespace
}  // namespace ppinfer
