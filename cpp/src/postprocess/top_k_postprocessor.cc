#include "postprocess/ops.h"
#include "postprocess/top_k.h"

namespace ppinfer {
namespace {

class TopKPostprocessor : public Postprocessor {
 public:
  TopKPostprocessor(int k, const Labels& labels) : k_(k), labels_(labels) {}

 protected:
  void fill(Span<const float> scores, Result& result) const override {
    top_k(scores, k_, result.class_ids);
    for (const int class_id : result.class_ids) {
      const auto id = static_cast<std::size_t>(class_id);
      result.scores.push_back(scores[id]);
      if (!labels_.empty()) result.label_names.push_back(labels_[id]);
    }
  }

 private:
  const int k_;
  const Labels& labels_;
};

}  // namespace

PostprocessorPtr make_top_k_postprocessor(int k, const Labels& labels) {
  return std::make_unique<TopKPostprocessor>(k, labels);
}

}  // namespace ppinfer
