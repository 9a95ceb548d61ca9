#include "postprocess/postprocessor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <thread>

#include "core/image_failure.h"
#include "postprocess/ops.h"
#include "postprocess/probabilities.h"
#include "ppinfer/error.h"
#include "ppinfer/postprocess.h"

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

std::string refusal(const Settings& settings, int class_count, const std::vector<std::string>& labels = {}) {
  try {
    make_postprocessor(settings, labels, class_count, false);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

TEST(MakePostprocessor, RefusesWhatCannotBe) {
  Settings settings;
  EXPECT_EQ(refusal(settings, 4), "");
  EXPECT_EQ(refusal(settings, 4, {"a", "b"}), "2 labels name 4 classes: there must be one for each, or none");
  EXPECT_EQ(refusal(settings, 0), "the number of classes is 0, expected 1 or more");
  settings.topk = -3;
  EXPECT_EQ(refusal(settings, 4), "topk is -3, expected 1 or more");
  settings = {};
  settings.threshold = NAN;
  EXPECT_THAT(refusal(settings, 4), HasSubstr("threshold is nan"));
  settings = {};
  settings.decimal_places = 10;
  EXPECT_THAT(refusal(settings, 4), HasSubstr("decimal_places is 10"));
  settings = {};
  settings.default_label_index = -1;
  EXPECT_THAT(refusal(settings, 4), HasSubstr("default_label_index is -1"));
}

TEST(MakePostprocessor, RefusesModelsThatTheOpIsNotFor) {
  Settings settings;
  settings.postprocess = PostprocessOp::kPersonAttribute;
  EXPECT_EQ(refusal(settings, 26), "");
  EXPECT_EQ(refusal(settings, 1000),
            "postprocess person_attribute is for models with 26 scores, but this one has 1000");
  settings.postprocess = PostprocessOp::kVehicleAttribute;
  EXPECT_EQ(refusal(settings, 19), "");
  EXPECT_THAT(refusal(settings, 26), HasSubstr("with 19 scores, but this one has 26"));
  settings.postprocess = PostprocessOp::kThreshold;
  settings.default_label_index = 3;
  EXPECT_EQ(refusal(settings, 4), "");
  EXPECT_EQ(refusal(settings, 2), "") << "models of two classes have no default class";
  EXPECT_EQ(refusal(settings, 3), "default_label_index 3: the model has 3 classes, expected 0 to 2");
}

TEST(MakePostprocessor, OneOutputIsTheScoreOfClass1) {
  Settings settings;
  EXPECT_THAT(refusal(settings, 1), HasSubstr("Set postprocess threshold"));
  settings.postprocess = PostprocessOp::kEmbedding;
  EXPECT_THAT(refusal(settings, 1), HasSubstr("postprocess threshold"));
  settings.postprocess = PostprocessOp::kScore;
  EXPECT_EQ(refusal(settings, 1), "");
  EXPECT_THAT([&] { make_postprocessor(settings, {}, 1, true); },
              testing::ThrowsMessage<ConfigError>(HasSubstr("postprocess threshold")));
  settings.postprocess = PostprocessOp::kThreshold;
  settings.default_label_index = 1;
  EXPECT_EQ(refusal(settings, 1, {"other", "red"}), "");
  EXPECT_THAT(refusal(settings, 1, {"red"}), HasSubstr("1 labels name 2 classes"));
  const std::vector<std::string> labels{"other", "red"};
  Result result;
  const auto of = [&](float score, bool softmax) {
    make_postprocessor(settings, labels, 1, softmax)->process(std::vector<float>{score}, result);
    return result.label_names.at(0) + " " + std::to_string(result.class_ids.at(0));
  };
  EXPECT_EQ(of(0.75F, false), "red 1");
  EXPECT_EQ(of(0.25F, false), "other 0");
  EXPECT_THAT(result.scores, ElementsAre(0.75F));
  EXPECT_EQ(of(-2, true), "other 0");
  EXPECT_NEAR(result.scores.at(0), 0.8808, 1e-4);
  EXPECT_THAT([&] { of(2, false); }, testing::ThrowsMessage<ImageFailure>(HasSubstr("set softmax on")));
}

TEST(MakePostprocessor, SoftmaxComesBeforeTheOp) {
  Settings settings;
  const std::vector<std::string> no_labels;
  Result result;
  make_postprocessor(settings, no_labels, 2, true)->process(std::vector<float>{7, 7}, result);
  EXPECT_THAT(result.scores, ElementsAre(0.5F, 0.5F));
}

TEST(Probabilities, AreToldByTheirSumAndSign) {
  EXPECT_TRUE(are_probabilities(std::vector<float>{0.25F, 0.75F, 1, 0}, 2));
  EXPECT_TRUE(are_probabilities(std::vector<float>{0.2505F, 0.75F}, 2));
  EXPECT_FALSE(are_probabilities(std::vector<float>{0.252F, 0.75F}, 2));
  EXPECT_FALSE(are_probabilities(std::vector<float>{-0.25F, 1.25F}, 2));
  EXPECT_FALSE(are_probabilities(std::vector<float>{0.25F, 0.75F, 3, 4}, 2)) << "every row counts";
  EXPECT_FALSE(are_probabilities(std::vector<float>{NAN, 1}, 2));
}

TEST(Postprocess, ARowThatFailsLeavesItsNeighboursAlone) {
  const std::vector<float> scores{0.25F, 0.75F, NAN, 1, 0.5F, 0.5F};
  Settings settings;
  settings.topk = 1;
  const std::vector<Result> results = postprocess(scores, 2, {"a", "b", ""}, {"cat", "dog"}, settings);
  ASSERT_EQ(results.size(), 3u);
  EXPECT_THAT(results[0].label_names, ElementsAre("dog"));
  EXPECT_EQ(results[0].path, "a");
  ASSERT_FALSE(results[1].ok());
  EXPECT_EQ(results[1].error->stage, Stage::kPostprocess);
  EXPECT_THAT(results[2].label_names, ElementsAre("cat"));
}

TEST(Postprocess, SoftmaxAutoLooksAtTheScores) {
  Settings settings;
  settings.topk = 1;
  settings.softmax = SoftmaxUse::kAuto;
  EXPECT_THAT(postprocess(std::vector<float>{7, 7}, 2, {""}, {}, settings)[0].scores, ElementsAre(0.5F));
  EXPECT_THAT(postprocess(std::vector<float>{0.25F, 0.75F}, 2, {""}, {}, settings)[0].scores, ElementsAre(0.75F));
}

TEST(Postprocess, AHundredThousandClasses) {
  constexpr int kClasses = 100'000;
  std::vector<float> scores(kClasses);
  std::vector<std::string> labels;
  for (int id = 0; id < kClasses; ++id) {
    scores[static_cast<std::size_t>(id)] = static_cast<float>(id * 7919LL % kClasses);
    labels.push_back("class " + std::to_string(id));
  }
  Settings settings;
  settings.topk = 2;
  const Result result = postprocess(scores, kClasses, {""}, labels, settings)[0];
  EXPECT_THAT(result.scores, ElementsAre(99'999.0F, 99'998.0F));
  EXPECT_THAT(result.label_names, ElementsAre("class " + std::to_string(result.class_ids[0]), testing::_));
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
