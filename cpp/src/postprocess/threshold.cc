#include <algorithm>
#include <utility>

#include "core/image_failure.h"
#include "postprocess/ops.h"
#include "postprocess/probabilities.h"

namespace ppinfer {
namespace {

class ThresholdPostprocessor : public Postprocessor {
 public:
  ThresholdPostprocessor(ThresholdOptions options, const Labels& labels)
      : options_(std::move(options)), labels_(labels) {}

 protected:
  void fill(Span<const float> scores, Result& result) const override {
    if (scores.size() > 2) return fill_best_or_default(scores, result);
    const float score = scores[scores.size() - 1];
    if (scores.size() == 1 && !are_in_unit_range(scores)) {
      throw ImageFailure(Stage::kPostprocess, "the model's one output is " + std::to_string(score) +
                                                  ", not a probability: set softmax on to apply a sigmoid");
    }
    fill_one_of_two(score, result);
  }

 private:
  void fill_one_of_two(float score, Result& result) const {
    const bool is_1 = !(score < options_.threshold);
    const std::string& name = is_1 ? options_.name_1 : options_.name_0;
    result.class_ids.push_back(is_1 ? 1 : 0);
    result.scores.push_back(is_1 ? score : 1 - score);
    if (name.empty() && !labels_.empty()) {
      result.label_names.push_back(labels_[is_1 ? 1 : 0]);
    } else {
      result.label_names.push_back(!name.empty() ? name : is_1 ? "1" : "0");
    }
  }

  void fill_best_or_default(Span<const float> scores, Result& result) const {
    const float* const best = std::max_element(scores.begin(), scores.end());
    const auto id = *best > options_.threshold ? static_cast<std::size_t>(best - scores.begin())
                                               : static_cast<std::size_t>(options_.default_class_id);
    result.class_ids.push_back(static_cast<int>(id));
    result.scores.push_back(scores[id]);
    if (!labels_.empty()) result.label_names.push_back(labels_[id]);
  }

  const ThresholdOptions options_;
  const Labels& labels_;
};

}  // namespace

PostprocessorPtr make_threshold_postprocessor(ThresholdOptions options, const Labels& labels) {
  return std::make_unique<ThresholdPostprocessor>(std::move(options), labels);
}

}  // namespace ppinfer
