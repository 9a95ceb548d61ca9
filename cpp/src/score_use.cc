#include "score_use.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "postprocess/probabilities.h"
#include "ppinfer/error.h"

namespace ppinfer {
namespace {

bool is_softmax(ScoreKind kind) { return kind == ScoreKind::kSoftmax || kind == ScoreKind::kSoftmaxTwice; }

bool has_best_class(PostprocessOp op) {
  return op == PostprocessOp::kTopk || op == PostprocessOp::kThreshold || op == PostprocessOp::kScore;
}

// Note [A softmax of a softmax]
// Of q = softmax(p), with p the probabilities of N classes, p is got back as log q - mean(log q) + 1/N, since p sums to
// 1. Values of an ordinary softmax give something else: about half the classes come out well below 0. With few classes
// that says little, so that these need the graph's word.
constexpr int kFewestClasses = 4;

bool may_be_softmax_twice(Span<const float> scores, int class_count) {
  constexpr double kSlack = 0.01;        // bf16 keeps 8 bits
  constexpr double kAboveTheMean = 0.2;  // else all classes are as likely, which any softmax may say of noise
  const auto row_size = static_cast<std::size_t>(class_count);
  if (class_count < kFewestClasses || !are_probabilities(scores, class_count)) return false;
  bool one_is_likely = false;
  for (std::size_t row = 0; row + row_size <= scores.size(); row += row_size) {
    std::vector<double> logs(row_size);
    std::transform(scores.begin() + row, scores.begin() + row + row_size, logs.begin(),
                   [](float score) { return std::log(static_cast<double>(score)); });
    const double mean = std::accumulate(logs.begin(), logs.end(), 0.0) / class_count;
    const auto [least, most] = std::minmax_element(logs.begin(), logs.end());
    if (!(*least - mean + 1.0 / class_count >= -kSlack)) return false;
    one_is_likely = one_is_likely || *most - mean > kAboveTheMean;
  }
  return one_is_likely;
}

ScoreKind settled(ScoreKind kind, Span<const float> first, int class_count, const NoiseScores& more) {
  constexpr double kContrasts[] = {2, 4, 8};
  if (kind != ScoreKind::kUnknown) return kind;
  // Of one output alone: any number from 0 to 1 may be a sigmoid's.
  if (class_count == 1) return are_in_unit_range(first) ? ScoreKind::kSigmoid : ScoreKind::kRaw;
  if (are_probabilities(first, class_count)) {
    bool twice = may_be_softmax_twice(first, class_count);
    for (const double contrast : kContrasts) twice = twice && may_be_softmax_twice(more(contrast), class_count);
    return twice ? ScoreKind::kSoftmaxTwice : ScoreKind::kSoftmax;
  }
  return ScoreKind::kRaw;
}

void refuse_constant_answers(const Settings& settings, ScoreKind kind, Span<const float> first, int class_count) {
  const bool all_ones = std::all_of(first.begin(), first.end(), [](float score) { return score == 1.0F; });
  const bool may_be_softmax = is_softmax(kind) || (kind == ScoreKind::kUnknown && class_count > 1);
  const bool is_one_softmax = class_count == 1;
  if (!all_ones || !may_be_softmax) return;
  throw ModelError(
      settings.cls_model_path + ": every class of an image has the score 1: the model ends in a softmax " +
      (is_one_softmax ? "over one output" : "over another axis than its classes, such as the batch (dim=0)") +
      ", so its scores are meaningless. Export the model with the softmax over the classes, or set output_tensor to "
      "the tensor before the softmax (output_tensor=? lists the names)" +
      (is_one_softmax ? "" : " and softmax on"));
}

// The sum of the row that is the farthest from 1.
double worst_sum(Span<const float> scores, int class_count) {
  double worst = 1;
  for (const float* row = scores.begin(); row + class_count <= scores.end(); row += class_count) {
    const double sum = std::accumulate(row, row + class_count, 0.0);
    if (std::fabs(sum - 1) > std::fabs(worst - 1)) worst = sum;
  }
  return worst;
}

std::string shown(double number) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.4g", number);
  return text;
}

// Of one output: the score of class 1 of two.
ScoreUse one_output_use(const Settings& settings, ScoreKind kind) {
  const bool is_raw = kind == ScoreKind::kRaw;
  if (settings.postprocess == PostprocessOp::kScore) {
    return {settings.softmax == SoftmaxUse::kOn || (settings.softmax == SoftmaxUse::kAuto && is_raw), {}};
  }
  if (settings.postprocess != PostprocessOp::kThreshold) return {};
  if (is_raw) {
    return {true,
            {"The model's one output is a raw score (it ends without sigmoid): its sigmoid is used as the score of "
             "class 1"}};
  }
  if (settings.softmax != SoftmaxUse::kOn) return {};
  return {true,
          {"softmax on: the model's one output is a probability already, so a sigmoid is applied once more. Set "
           "softmax off"}};
}

}  // namespace

ScoreUse decide_score_use(const Settings& settings, ScoreKind stated_kind, Span<const float> first, int class_count,
                          const NoiseScores& more) {
  if (settings.postprocess == PostprocessOp::kEmbedding) return {};
  refuse_constant_answers(settings, stated_kind, first, class_count);
  const bool may_be_raw = stated_kind == ScoreKind::kRaw || stated_kind == ScoreKind::kUnknown;
  if (settings.postprocess == PostprocessOp::kMultilabel && may_be_raw && !are_in_unit_range(first)) {
    return {false,
            {"This model ends without sigmoid; scores are raw logits, and threshold " + shown(settings.threshold) +
             " is compared with these. A probability of 0.5 is threshold 0"}};
  }
  if (class_count == 1) return one_output_use(settings, settled(stated_kind, first, class_count, more));
  const SoftmaxUse use = settings.softmax;
  const bool is_tensor = !settings.output_tensor.empty();
  if (!has_best_class(settings.postprocess)) return {};
  // Nobody expects probabilities of a tensor inside the model.
  if (is_tensor && use == SoftmaxUse::kOff && !is_softmax(stated_kind)) return {};
  const ScoreKind kind = settled(stated_kind, first, class_count, more);
  ScoreUse found{use == SoftmaxUse::kOn || (use == SoftmaxUse::kAuto && kind == ScoreKind::kRaw), {}};
  const auto note = [&found](const std::string& notice) { found.notices.push_back(notice); };
  constexpr double kSumTolerance = 0.02;  // bf16 and int8 keep 8 bits of each score
  const double sum = worst_sum(first, class_count);
  if (is_softmax(kind) && std::fabs(sum - 1) > kSumTolerance) {
    note("This model ends in softmax, but the scores of an image sum to " + shown(sum) +
         ", not 1: its softmax isn't over the classes alone. The scores are not probabilities and may depend on the "
         "other images in the batch");
  } else if (kind == ScoreKind::kSoftmaxTwice) {
    note(
        "This model applies softmax twice, so all scores are nearly equal. Export it with one softmax, or set "
        "output_tensor to the input of the second softmax");
  }
  if (use == SoftmaxUse::kOn && kind != ScoreKind::kRaw) {
    note(std::string("softmax on: this model ends in ") + (is_softmax(kind) ? "softmax" : "sigmoid") +
         " already, so softmax is applied twice. Set softmax off or auto");
  }
  if (kind != ScoreKind::kRaw || use == SoftmaxUse::kOn) return found;
  note(use == SoftmaxUse::kOff
           ? "This model ends without softmax; scores are raw logits. Set `softmax on` for probabilities"
       : is_tensor ? "softmax auto: applied to the values of output_tensor, which are raw"
                   : "softmax auto: this model ends without softmax, so it is applied to its scores");
  return found;
}

}  // namespace ppinfer
