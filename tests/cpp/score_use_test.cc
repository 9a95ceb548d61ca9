#include "score_use.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "ppinfer/error.h"

namespace ppinfer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<float> softmax(const std::vector<float>& scores) {
  float sum = 0;
  for (const float score : scores) sum += std::exp(score);
  std::vector<float> made;
  for (const float score : scores) made.push_back(std::exp(score) / sum);
  return made;
}

const std::vector<float> kLogits{-1, 4, 0.5F, -2, 1};

struct Case {
  Settings settings;
  ScoreKind kind = ScoreKind::kUnknown;
  int calls = 0;  // for more noise

  explicit Case(SoftmaxUse use, PostprocessOp op = PostprocessOp::kTopk) {
    settings.cls_model_path = "m.onnx";
    settings.softmax = use;
    settings.postprocess = op;
  }
  Case& of(ScoreKind end) { return kind = end, *this; }

  ScoreUse judged(const std::vector<float>& scores, const std::vector<float>& more = {}, int rows = 1) {
    return decide_score_use(settings, kind, scores, static_cast<int>(scores.size()) / rows, [&](double) {
      ++calls;
      return more.empty() ? scores : more;
    });
  }
};

TEST(ScoreUse, ProbabilitiesAreLeftAlone) {
  for (const ScoreKind kind : {ScoreKind::kUnknown, ScoreKind::kSoftmax}) {
    for (const SoftmaxUse use : {SoftmaxUse::kOff, SoftmaxUse::kAuto}) {
      const ScoreUse found = Case(use).of(kind).judged(softmax(kLogits));
      EXPECT_FALSE(found.softmax);
      EXPECT_THAT(found.notices, IsEmpty());
    }
  }
  EXPECT_THAT(Case(SoftmaxUse::kOn).of(ScoreKind::kRaw).judged(kLogits).notices, IsEmpty());
}

TEST(ScoreUse, RawScoresAreTold) {
  EXPECT_THAT(Case(SoftmaxUse::kOff).judged(kLogits).notices, ElementsAre(HasSubstr("Set `softmax on`")));
  EXPECT_TRUE(Case(SoftmaxUse::kAuto).judged(kLogits).softmax);
  Case tensor(SoftmaxUse::kOff);
  tensor.settings.output_tensor = "features";
  EXPECT_THAT(tensor.judged(kLogits).notices, IsEmpty());
}

TEST(ScoreUse, ASoftmaxOfASoftmaxIsToldByItsScores) {
  const std::vector<float> twice = softmax(softmax(kLogits));
  Case of_unknown_end(SoftmaxUse::kOff);
  EXPECT_THAT(of_unknown_end.judged(twice).notices, ElementsAre(HasSubstr("applies softmax twice")));
  EXPECT_GT(of_unknown_end.calls, 1);
  const std::vector<float> flat = softmax({0.1F, 0.4F, 0.2F, 0.15F, 0.15F});  // once, of small logits
  EXPECT_THAT(Case(SoftmaxUse::kOff).judged(flat, softmax({0.2F, 0.8F, 0.4F, -0.3F, 0.3F})).notices, IsEmpty());
  const ScoreUse found = Case(SoftmaxUse::kOff).of(ScoreKind::kSoftmaxTwice).judged({0.6F, 0.4F});
  EXPECT_THAT(found.notices, ElementsAre(HasSubstr("applies softmax twice"))) << "of two classes the graph tells";
}

TEST(ScoreUse, SoftmaxOnAfterASoftmaxIsTold) {
  for (const ScoreKind kind : {ScoreKind::kUnknown, ScoreKind::kSoftmax}) {
    EXPECT_THAT(Case(SoftmaxUse::kOn).of(kind).judged(softmax(kLogits)).notices,
                ElementsAre(HasSubstr("applied twice")));
  }
  EXPECT_THAT(Case(SoftmaxUse::kOn).of(ScoreKind::kSigmoid).judged({0.1F, 0.7F}).notices,
              ElementsAre(HasSubstr("ends in sigmoid already")));
}

TEST(ScoreUse, ASoftmaxOverAnotherAxis) {
  for (const ScoreKind kind : {ScoreKind::kUnknown, ScoreKind::kSoftmax}) {
    for (const PostprocessOp op : {PostprocessOp::kTopk, PostprocessOp::kMultilabel}) {
      EXPECT_THAT(([=] {
                    Case(SoftmaxUse::kOff, op).of(kind).judged({1, 1, 1});
                  }),
                  testing::ThrowsMessage<ModelError>(HasSubstr("another axis than its classes")));
    }
  }
  const std::vector<float> in_a_batch{0.9F, 0.8F, 0.7F, 0.1F, 0.2F, 0.3F};  // each column sums to 1
  EXPECT_THAT(Case(SoftmaxUse::kOff).of(ScoreKind::kSoftmax).judged(in_a_batch, {}, 2).notices,
              ElementsAre(HasSubstr("sum to 2.4, not 1")));
  EXPECT_THAT(Case(SoftmaxUse::kOff).of(ScoreKind::kSigmoid).judged({1, 1, 1}).notices, IsEmpty())
      << "each may be sure of its own";
}

TEST(ScoreUse, RawScoresOfManyLabelsAreTold) {
  constexpr PostprocessOp kMultilabel = PostprocessOp::kMultilabel;
  for (const ScoreKind kind : {ScoreKind::kRaw, ScoreKind::kUnknown}) {
    const ScoreUse found = Case(SoftmaxUse::kOff, kMultilabel).of(kind).judged(kLogits);
    EXPECT_FALSE(found.softmax);
    EXPECT_THAT(found.notices, ElementsAre(HasSubstr("raw logits, and threshold 0.5 is compared with these")));
    EXPECT_THAT(Case(SoftmaxUse::kOff, kMultilabel).of(kind).judged({0.2F, 0.9F}).notices, IsEmpty());
  }
  EXPECT_THAT(Case(SoftmaxUse::kOff, kMultilabel).judged({-3}).notices, ElementsAre(HasSubstr("raw logits")));
}

TEST(ScoreUse, OneOutput) {
  constexpr PostprocessOp kThreshold = PostprocessOp::kThreshold;
  EXPECT_FALSE(Case(SoftmaxUse::kOff, kThreshold).judged({0.7F}).softmax);
  EXPECT_FALSE(Case(SoftmaxUse::kAuto, kThreshold).of(ScoreKind::kSigmoid).judged({1}).softmax);
  for (const SoftmaxUse use : {SoftmaxUse::kOff, SoftmaxUse::kAuto, SoftmaxUse::kOn}) {
    const ScoreUse found = Case(use, kThreshold).judged({-3});
    EXPECT_TRUE(found.softmax);
    EXPECT_THAT(found.notices, ElementsAre(HasSubstr("its sigmoid is used")));
  }
  EXPECT_TRUE(Case(SoftmaxUse::kOff, kThreshold).of(ScoreKind::kRaw).judged({0.5F}).softmax) << "whatever its value";
  EXPECT_THAT(Case(SoftmaxUse::kOn, kThreshold).of(ScoreKind::kSigmoid).judged({0.5F}).notices,
              ElementsAre(HasSubstr("once more")));
  EXPECT_THAT([] { Case(SoftmaxUse::kOff, kThreshold).of(ScoreKind::kSoftmax).judged({1}); },
              testing::ThrowsMessage<ModelError>(HasSubstr("softmax over one output")));
}

}  // namespace
}  // namespace ppinfer
