#include "postprocess/ops.h"

namespace ppinfer {
namespace {

class MultilabelPostprocessor : public Postprocessor {
 public:
  MultilabelPostprocessor(float threshold, const Labels& labels) : threshold_(threshold), labels_(labels) {}

 protected:
  void fill(Span<const float> scores, Result& result) const override {
    for (std::size_t id = 0; id < scores.size(); ++id) {
      if (!(scores[id] >= threshold_)) continue;
      result.class_ids.push_back(static_cast<int>(id));
      result.scores.push_back(scores[id]);
      if (!labels_.empty()) result.label_names.push_back(labels_[id]);
    }
  }

 private:
  const float threshold_;
  const Labels& labels_;
};

}  // namespace

PostprocessorPtr make_multilabel_postprocessor(float threshold, const Labels& labels) {
  return std::make_unique<MultilabelPostprocessor>(threshold, labels);
}

}  // namespace ppinfer
