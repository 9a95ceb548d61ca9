#include "postprocess/postprocessor.h"

#include <cmath>

#include "core/image_failure.h"
#include "postprocess/top_k.h"

namespace ppinfer {
namespace {

void require_finite(Span<const float> scores) {
  for (std::size_t id = 0; id < scores.size(); ++id) {
    if (std::isfinite(scores[id])) continue;
    throw ImageFailure(Stage::kPostprocess, "the model's score of class " + std::to_string(id) + " is " +
                                                std::to_string(scores[id]) + ", expected a finite number");
  }
}

class TopKPostprocessor : public Postprocessor {
 public:
  TopKPostprocessor(int k, const std::vector<std::string>& labels) : k_(k), labels_(labels) {}

  void process(Span<const float> scores, Result& result) const override {
    require_finite(scores);
    top_k(scores, k_, result.class_ids);
    const std::size_t kept = result.class_ids.size();
    result.scores.resize(kept);
    result.label_names.resize(labels_.empty() ? 0 : kept);
    for (std::size_t rank = 0; rank < kept; ++rank) {
      const auto id = static_cast<std::size_t>(result.class_ids[rank]);
      result.scores[rank] = scores[id];
      if (!labels_.empty()) result.label_names[rank] = labels_[id];
    }
  }

 private:
  const int k_;
  const std::vector<std::string>& labels_;
};

}  // namespace

std::unique_ptr<Postprocessor> make_top_k_postprocessor(int k, const std::vector<std::string>& labels) {
  return std::make_unique<TopKPostprocessor>(k, labels);
}

}  // namespace ppinfer
