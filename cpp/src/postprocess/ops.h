// The postprocess ops, each in a file of its own. Parameters are checked by make_postprocessor; labels are borrowed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "postprocess/postprocessor.h"

namespace ppinfer {

using Labels = std::vector<std::string>;
using PostprocessorPtr = std::unique_ptr<Postprocessor>;

// Topk: the k best, best first, ties by lowest id.
PostprocessorPtr make_top_k_postprocessor(int k, const Labels& labels);

struct ThresholdOptions {
  float threshold = 0;  // float32, as PaddleClas compares it with the model's scores
  int default_class_id = 0;
  std::string name_0;  // of two classes; empty: the label, or else "0"
  std::string name_1;
};
// ThreshOutput. Two classes: class 1 with its score, or class 0 with 1 - score when that is below the threshold. One
// output is the score of class 1 of two; one that isn't from 0 to 1 is an ImageFailure. Else
// the best class when its score is above the threshold, or the default class with its own score.
PostprocessorPtr make_threshold_postprocessor(ThresholdOptions options, const Labels& labels);

// MultiLabelThreshOutput: every class with score >= threshold, ascending.
PostprocessorPtr make_multilabel_postprocessor(float threshold, const Labels& labels);

// ScoreOutput: every class' score, rounded to `decimal_places`; -1: as it is.
PostprocessorPtr make_score_postprocessor(int decimal_places);

// Every class' score as the model gave it, with NaN and infinities: for Predictor::logits(), not an op of the config.
PostprocessorPtr make_raw_postprocessor();

// The vector divided by its Euclidean length. A vector of zeros has none: ImageFailure.
PostprocessorPtr make_embedding_postprocessor();

// PaddleClas compares attributes with their thresholds in float64.
struct PersonThresholds {
  double attribute = 0.5;
  double glasses = 0.3;
  double hold = 0.6;
};
inline constexpr int kPersonScores = 26;
PostprocessorPtr make_person_attribute_postprocessor(PersonThresholds thresholds);

inline constexpr int kVehicleScores = 19;
PostprocessorPtr make_vehicle_attribute_postprocessor(double color_threshold, double type_threshold);

// Hands softmax(scores) to `inner`.
PostprocessorPtr make_softmax_postprocessor(PostprocessorPtr inner);

// Hands 1 / (1 + exp(-score)) of each score to `inner`.
PostprocessorPtr make_sigmoid_postprocessor(PostprocessorPtr inner);

}  // namespace ppinfer
