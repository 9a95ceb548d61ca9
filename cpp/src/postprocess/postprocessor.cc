#include "postprocess/postprocessor.h"

#include <cmath>
#include <exception>
#include <utility>

#include "core/machine_failure.h"
#include "postprocess/ops.h"
#include "ppinfer/error.h"

namespace ppinfer {
namespace {

void require_finite(Span<const float> scores) {
  for (std::size_t id = 0; id < scores.size(); ++id) {
    if (std::isfinite(scores[id])) continue;
    throw ImageFailure(Stage::kPostprocess, "the model's score of class " + std::to_string(id) + " is " +
                                                std::to_string(scores[id]) + ", expected a finite number");
  }
}

// What settings that came through the config have passed already: for those that were put together by hand.
void require(bool holds, const std::string& otherwise) {
  if (!holds) throw ConfigError({otherwise});
}

void check(const Settings& settings, int class_count) {
  const auto at_least = [](const char* key, int value, int least) {
    require(value >= least,
            std::string(key) + " is " + std::to_string(value) + ", expected " + std::to_string(least) + " or more");
  };
  const auto finite = [](const char* key, double value) {
    require(std::isfinite(value), std::string(key) + " is " + std::to_string(value) + ", expected a finite number");
  };
  at_least("the number of classes", class_count, 1);
  at_least("topk", settings.topk, 1);
  at_least("default_label_index", settings.default_label_index, 0);
  require(settings.decimal_places >= -1 && settings.decimal_places <= 9,
          "decimal_places is " + std::to_string(settings.decimal_places) + ", expected -1 to 9");
  finite("threshold", settings.threshold);
  finite("glasses_threshold", settings.glasses_threshold);
  finite("hold_threshold", settings.hold_threshold);
  finite("color_threshold", settings.color_threshold);
  finite("type_threshold", settings.type_threshold);
}

void check_score_count(const char* op, int needed, int class_count) {
  require(class_count == needed, std::string("postprocess ") + op + " is for models with " + std::to_string(needed) +
                                     " scores, but this one has " + std::to_string(class_count));
}

ThresholdOptions threshold_options(const Settings& settings, int class_count) {
  require(class_count <= 2 || settings.default_label_index < class_count,
          "default_label_index " + std::to_string(settings.default_label_index) + ": the model has " +
              std::to_string(class_count) + " classes, expected 0 to " + std::to_string(class_count - 1));
  return {static_cast<float>(settings.threshold), settings.default_label_index, settings.label_0, settings.label_1};
}

PostprocessorPtr make_op(const Settings& settings, const Labels& labels, int class_count) {
  switch (settings.postprocess) {
    case PostprocessOp::kTopk:
      return make_top_k_postprocessor(settings.topk, labels);
    case PostprocessOp::kThreshold:
      return make_threshold_postprocessor(threshold_options(settings, class_count), labels);
    case PostprocessOp::kMultilabel:
      return make_multilabel_postprocessor(static_cast<float>(settings.threshold), labels);
    case PostprocessOp::kPersonAttribute:
      check_score_count("person_attribute", kPersonScores, class_count);
      return make_person_attribute_postprocessor(
          {settings.threshold, settings.glasses_threshold, settings.hold_threshold});
    case PostprocessOp::kVehicleAttribute:
      check_score_count("vehicle_attribute", kVehicleScores, class_count);
      return make_vehicle_attribute_postprocessor(settings.color_threshold, settings.type_threshold);
    case PostprocessOp::kScore:
      return make_score_postprocessor(settings.decimal_places);
    case PostprocessOp::kEmbedding:
      return make_embedding_postprocessor();
  }
  throw ConfigError({"postprocess has an unknown value"});
}

}  // namespace

void Postprocessor::process(Span<const float> scores, Result& result) const {
  std::vector<std::string> names = std::move(result.label_names);
  clear_answer(result);
  if (writes_over_names()) result.label_names = std::move(names);  // with the memory of each
  try {
    if (!takes_any_score()) require_finite(scores);
    fill(scores, result);
  } catch (...) {
    clear_answer(result);
    throw;
  }
}

void clear_answer(Result& result) {
  result.class_ids.clear();
  result.scores.clear();
  result.label_names.clear();
  result.attributes.clear();
  result.attribute_flags.clear();
  result.embedding.clear();
  result.best_class_id = -1;
  result.error.reset();
}

void process_or_fail(const Postprocessor& postprocessor, Span<const float> scores, Result& result) {
  try {
    postprocessor.process(scores, result);
  } catch (const std::exception&) {
    result.error = error_at(Stage::kPostprocess);
  }
}

std::unique_ptr<Postprocessor> make_postprocessor(const Settings& settings, const std::vector<std::string>& labels,
                                                  int class_count, bool softmax) {
  check(settings, class_count);
  check_output_count(settings, class_count);
  const int named_classes = classes_of(settings.postprocess, class_count);
  const bool one_each = labels.size() == static_cast<std::size_t>(named_classes);
  require(labels.empty() || one_each, std::to_string(labels.size()) + " labels name " + std::to_string(named_classes) +
                                          " classes: there must be one for each, or none");
  const bool is_one_output = class_count == 1;
  require(!softmax || !is_one_output || settings.postprocess == PostprocessOp::kThreshold,
          "softmax of the model's one output is always 1: set softmax off, or postprocess threshold, which takes the "
          "output (or the sigmoid of a raw one) as the score of class 1 of two");
  PostprocessorPtr made = make_op(settings, labels, class_count);
  if (softmax) {
    made = is_one_output ? make_sigmoid_postprocessor(std::move(made)) : make_softmax_postprocessor(std::move(made));
  }
  return made;
}

int classes_of(PostprocessOp op, int output_count) {
  return op == PostprocessOp::kThreshold && output_count == 1 ? 2 : output_count;
}

void check_output_count(const Settings& settings, int output_count) {
  const PostprocessOp op = settings.postprocess;
  if (output_count != 1 || op == PostprocessOp::kThreshold) return;
  require(op != PostprocessOp::kTopk,
          "the model has one output: postprocess topk would always give class 0. Set postprocess threshold, which "
          "takes the output as the score of class 1 of two (label_0 and label_1, or a label file of two lines, name "
          "them)");
  require(op != PostprocessOp::kEmbedding,
          "the model has one output, and a vector of one value scaled to length 1 is always 1 or -1: set postprocess "
          "score for the value itself, or postprocess threshold for two classes");
  require(settings.save_dir.empty(),
          "save_dir needs a top-1 class, and the model has one output: set postprocess threshold");
}

bool has_labels(PostprocessOp op) {
  return op == PostprocessOp::kTopk || op == PostprocessOp::kThreshold || op == PostprocessOp::kMultilabel;
}

}  // namespace ppinfer
