#include "postprocess/ops.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "core/image_failure.h"

namespace ppinfer {
namespace {

using testing::ElementsAre;
using testing::FloatEq;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const Labels kNoLabels;

Result answer(const PostprocessorPtr& postprocessor, const std::vector<float>& scores) {
  Result result;
  postprocessor->process(scores, result);
  return result;
}

std::string failure_of(const PostprocessorPtr& postprocessor, const std::vector<float>& scores) {
  Result result;
  result.class_ids = {1};
  try {
    postprocessor->process(scores, result);
  } catch (const ImageFailure& failure) {
    EXPECT_EQ(failure.stage(), Stage::kPostprocess);
    EXPECT_THAT(result.class_ids, IsEmpty());
    return failure.what();
  }
  ADD_FAILURE() << "passed";
  return "";
}

std::vector<float> random_scores(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<float> scores(count);
  for (float& score : scores) score = static_cast<float>(random() % 1001) / 1000.0F;
  return scores;
}

TEST(Threshold, OfTwoClassesBelowIsClass0WithTheRest) {
  const auto postprocessor = make_threshold_postprocessor({0.75F, 0, "no", "yes"}, kNoLabels);
  const Result below = answer(postprocessor, {0.5F, 0.5F});
  EXPECT_THAT(below.class_ids, ElementsAre(0));
  EXPECT_THAT(below.scores, ElementsAre(0.5F));
  EXPECT_THAT(below.label_names, ElementsAre("no"));
  const Result equal = answer(postprocessor, {0.25F, 0.75F});
  EXPECT_THAT(equal.class_ids, ElementsAre(1));
  EXPECT_THAT(equal.scores, ElementsAre(0.75F));
  EXPECT_THAT(equal.label_names, ElementsAre("yes"));
}

TEST(Threshold, NamesOfTwoClasses) {
  const Labels labels{"cat", "dog"};
  const std::vector<float> scores{0.2F, 0.8F};
  EXPECT_THAT(answer(make_threshold_postprocessor({}, kNoLabels), scores).label_names, ElementsAre("1"));
  EXPECT_THAT(answer(make_threshold_postprocessor({}, labels), scores).label_names, ElementsAre("dog"));
  EXPECT_THAT(answer(make_threshold_postprocessor({0, 0, "", "hound"}, labels), scores).label_names,
              ElementsAre("hound"));
}

TEST(Threshold, OfMoreClassesEqualIsNotEnough) {
  const Labels labels{"cat", "dog", "other"};
  const auto postprocessor = make_threshold_postprocessor({0.5F, 2, "", ""}, labels);
  const Result sure = answer(postprocessor, {0.1F, 0.625F, 0.275F});
  EXPECT_THAT(sure.class_ids, ElementsAre(1));
  EXPECT_THAT(sure.scores, ElementsAre(0.625F));
  EXPECT_THAT(sure.label_names, ElementsAre("dog"));
  const Result equal = answer(postprocessor, {0.25F, 0.5F, 0.25F});
  EXPECT_THAT(equal.class_ids, ElementsAre(2));
  EXPECT_THAT(equal.scores, ElementsAre(0.25F));
  EXPECT_THAT(equal.label_names, ElementsAre("other"));
}

TEST(Threshold, TiesGoToTheLowestId) {
  EXPECT_THAT(answer(make_threshold_postprocessor({}, kNoLabels), {0.2F, 0.4F, 0.4F}).class_ids, ElementsAre(1));
}

TEST(Multilabel, EveryClassFromTheThresholdOnInOrder) {
  const Labels labels{"a", "b", "c", "d"};
  const Result result = answer(make_multilabel_postprocessor(0.5F, labels), {0.5F, 0.25F, 0.875F, 0.5F});
  EXPECT_THAT(result.class_ids, ElementsAre(0, 2, 3));
  EXPECT_THAT(result.scores, ElementsAre(0.5F, 0.875F, 0.5F));
  EXPECT_THAT(result.label_names, ElementsAre("a", "c", "d"));
  EXPECT_THAT(answer(make_multilabel_postprocessor(0.9F, labels), {0, 0, 0, 0.8F}), Result{});
}

TEST(Score, RoundsHalvesToEvenInFloat32) {
  const Result result = answer(make_score_postprocessor(2), {0.125F, 0.375F, -0.125F, 0.1239F, 3e38F});
  EXPECT_THAT(result.scores, ElementsAre(0.12F, 0.38F, -0.12F, 0.12F, 3e38F));
  EXPECT_THAT(result.class_ids, IsEmpty());
  EXPECT_THAT(answer(make_score_postprocessor(0), {0.5F, 1.5F}).scores, ElementsAre(0.0F, 2.0F));
  const std::vector<float> scores = random_scores(50, 3);
  EXPECT_EQ(answer(make_score_postprocessor(-1), scores).scores, scores);
}

TEST(Raw, EveryScoreComesThrough) {
  const std::vector<float> scores = {-1.5F, INFINITY, NAN, 3e38F};
  const Result result = answer(make_raw_postprocessor(), scores);
  EXPECT_THAT(result.scores, testing::Pointwise(testing::NanSensitiveFloatEq(), scores));
  EXPECT_THAT(result.class_ids, IsEmpty());
}

TEST(Embedding, HasLength1) {
  EXPECT_THAT(answer(make_embedding_postprocessor(), {3, -4}).embedding, ElementsAre(FloatEq(0.6F), FloatEq(-0.8F)));
  for (const float size : {1e-30F, 1e-44F, 1e38F}) {  // whose squares float32 can't hold
    double squares = 0;
    for (const float value : answer(make_embedding_postprocessor(), {size, size, 0, size}).embedding) {
      squares += static_cast<double>(value) * static_cast<double>(value);
    }
    EXPECT_NEAR(squares, 1, 1e-6) << size;
  }
}

TEST(Embedding, OfZerosIsAFailure) {
  EXPECT_THAT(failure_of(make_embedding_postprocessor(), {0, -0.0F}), HasSubstr("all zeros"));
}

TEST(PersonAttribute, TextsAndFlags) {
  std::vector<float> scores(kPersonScores, 0.0F);
  scores[0] = 0.75F;    // hat
  scores[1] = 0.4F;     // glasses: above 0.3
  scores[3] = 0.5F;     // long sleeves beat short ones
  scores[5] = 0.75F;    // logo
  scores[11] = 0.25F;   // trousers: the best, though not above the threshold
  scores[16] = 0.625F;  // shoulder bag
  scores[18] = 0.55F;   // holds: not above 0.6
  scores[20] = 0.1F;    // age
  scores[22] = 0.5F;    // female: equal isn't above
  scores[25] = 0.1F;    // back
  const Result result = answer(make_person_attribute_postprocessor({}), scores);
  EXPECT_THAT(result.attributes,
              ElementsAre("Male", "Age18-60", "Back", "Glasses: True", "Hat: True", "HoldObjectsInFront: False",
                          "ShoulderBag", "Upper: LongSleeve UpperLogo", "Lower:  Trousers", "No boots"));
  EXPECT_THAT(result.attribute_flags,
              ElementsAre(1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0));
  EXPECT_THAT(result.scores, IsEmpty());
}

TEST(PersonAttribute, TiesGoToTheFirstAndThresholdsAreFloat64) {
  std::vector<float> scores(kPersonScores, 0.3F);  // as float64 a little above 0.3
  const Result result = answer(make_person_attribute_postprocessor({0.3, 0.3, 0.9}), scores);
  EXPECT_THAT(result.attributes,
              ElementsAre("Female", "AgeLess18", "Front", "Glasses: True", "Hat: True", "HoldObjectsInFront: False",
                          "HandBag", "Upper: ShortSleeve UpperStride UpperLogo UpperPlaid UpperSplice",
                          "Lower:  LowerStripe LowerPattern LongCoat Trousers Shorts Skirt&Dress", "Boots"));
  EXPECT_THAT(result.attribute_flags, SizeIs(kPersonScores));
  EXPECT_EQ(std::count(result.attribute_flags.begin(), result.attribute_flags.end(), 1), 1) << "flags keep 0.5";
}

TEST(VehicleAttribute, TextsAndFlags) {
  std::vector<float> scores(kVehicleScores, 0.0F);
  scores[4] = 0.9F;
  scores[11] = 0.5F;
  const Result result = answer(make_vehicle_attribute_postprocessor(0.5, 0.5), scores);
  EXPECT_THAT(result.attributes, ElementsAre("Color: (red, prob: 0.8999999761581421)", "Type: (suv, prob: 0.5)"));
  EXPECT_THAT(result.attribute_flags, ElementsAre(0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
      << "a flag needs more than the threshold, a name doesn't";
  scores[4] = 0.4F;
  EXPECT_EQ(answer(make_vehicle_attribute_postprocessor(0.5, 0.6), scores).attributes,
            (std::vector<std::string>{"Color unknown", "Type unknown"}));
}

TEST(VehicleAttribute, NumbersAreWrittenAsPythonDoes) {
  std::vector<float> scores(kVehicleScores, -1.0F);
  const auto color = [&scores](float score) {
    scores[0] = score;
    return answer(make_vehicle_attribute_postprocessor(-1e9, 2), scores).attributes[0];
  };
  EXPECT_EQ(color(1.0F), "Color: (yellow, prob: 1.0)");
  EXPECT_EQ(color(0.0F), "Color: (yellow, prob: 0.0)");
  EXPECT_EQ(color(0.00012207031F), "Color: (yellow, prob: 0.0001220703125)");
  EXPECT_EQ(color(1.5258789e-05F), "Color: (yellow, prob: 1.52587890625e-05)");
  EXPECT_EQ(color(16777216.0F), "Color: (yellow, prob: 16777216.0)");
  EXPECT_EQ(color(1.8014399e16F), "Color: (yellow, prob: 1.8014398509481984e+16)");
}

TEST(Softmax, MakesProbabilitiesOfAnyScores) {
  const auto postprocessor = make_softmax_postprocessor(make_score_postprocessor(-1));
  EXPECT_THAT(answer(postprocessor, {1000, 1000}).scores, ElementsAre(0.5F, 0.5F));
  EXPECT_THAT(answer(postprocessor, {0, std::log(3.0F)}).scores, ElementsAre(FloatEq(0.25F), FloatEq(0.75F)));
  EXPECT_THAT(answer(postprocessor, {-3e38F, 3e38F}).scores, ElementsAre(0.0F, 1.0F));
  const std::vector<float> scores = answer(postprocessor, random_scores(1000, 5)).scores;
  double sum = 0;
  for (const float score : scores) sum += static_cast<double>(score);
  EXPECT_NEAR(sum, 1, 1e-6);
}

struct NamedOp {
  const char* name;
  std::size_t scores;
  PostprocessorPtr (*make)();
};

class EveryOp : public testing::TestWithParam<NamedOp> {};

TEST_P(EveryOp, ScoreThatIsNotFiniteIsThatImagesFailure) {
  const auto postprocessor = GetParam().make();
  for (const float bad : {NAN, INFINITY, -INFINITY}) {
    std::vector<float> scores = random_scores(GetParam().scores, 1);
    scores[1] = bad;
    EXPECT_THAT(failure_of(postprocessor, scores), HasSubstr("class 1 is "));
  }
}

TEST_P(EveryOp, NothingStaysOfTheAnswerBefore) {
  const auto postprocessor = GetParam().make();
  const std::vector<float> first = random_scores(GetParam().scores, 1);
  const std::vector<float> second = random_scores(GetParam().scores, 2);
  Result result;
  postprocessor->process(first, result);
  result.error = ImageError{Stage::kDecode, "of another image"};
  result.embedding.push_back(1);
  result.attributes.emplace_back("of another image");
  result.label_names.emplace_back("of another image");
  postprocessor->process(second, result);
  EXPECT_EQ(result, answer(postprocessor, second));
}

INSTANTIATE_TEST_SUITE_P(
    Ops, EveryOp,
    testing::Values(NamedOp{"topk", 9, [] { return make_top_k_postprocessor(3, kNoLabels); }},
                    NamedOp{"threshold_two", 2, [] { return make_threshold_postprocessor({}, kNoLabels); }},
                    NamedOp{"threshold_more", 9, [] { return make_threshold_postprocessor({}, kNoLabels); }},
                    NamedOp{"multilabel", 9, [] { return make_multilabel_postprocessor(0.5F, kNoLabels); }},
                    NamedOp{"score", 9, [] { return make_score_postprocessor(2); }},
                    NamedOp{"embedding", 9, [] { return make_embedding_postprocessor(); }},
                    NamedOp{"person", kPersonScores, [] { return make_person_attribute_postprocessor({}); }},
                    NamedOp{"vehicle", kVehicleScores, [] { return make_vehicle_attribute_postprocessor(0.5, 0.5); }},
                    NamedOp{"softmax", 9,
                            [] { return make_softmax_postprocessor(make_top_k_postprocessor(3, kNoLabels)); }}),
    [](const testing::TestParamInfo<NamedOp>& op) { return op.param.name; });

}  // namespace
}  // namespace ppinfer
