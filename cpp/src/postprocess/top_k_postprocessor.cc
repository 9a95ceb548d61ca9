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
    result.label_names.resize(labels_.empty() ? 0 : result.class_ids.size());
    for (std::size_t rank = 0; rank < result.class_ids.size(); ++rank) {
      const auto id = static_cast<std::size_t>(result.class_ids[rank]);
      result.scores.push_back(scores[id]);
      if (!labels_.empty()) result.label_names[rank] = labels_[id];
    }
  }

  bool writes_over_names() const override { return true; }

 private:
  const int k_;
  const Labels& labels_;
};

}  // namespace

PostprocessorPtr make_top_k_postprocessor(int k, const Labels& labels) {
  return std::make_unique<TopKPostprocessor>(k, labels);
}

}  // namespace ppinfer
