#include <algorithm>
#include <cmath>
#include <utility>

#include "postprocess/ops.h"

namespace ppinfer {
namespace {

class SoftmaxPostprocessor : public Postprocessor {
 public:
  explicit SoftmaxPostprocessor(PostprocessorPtr inner) : inner_(std::move(inner)) {}

 protected:
  void fill(Span<const float> scores, Result& result) const override {
    thread_local std::vector<float> probabilities;
    probabilities.resize(scores.size());
    const float best = *std::max_element(scores.begin(), scores.end());  // taken off, so that exp() can't overflow
    double sum = 0;
    for (std::size_t id = 0; id < scores.size(); ++id) {
      const double power = std::exp(static_cast<double>(scores[id]) - static_cast<double>(best));
      probabilities[id] = static_cast<float>(power);
      sum += power;
    }
    for (float& probability : probabilities) {
      probability = static_cast<float>(static_cast<double>(probability) / sum);
    }
    inner_->process(probabilities, result);
  }

 private:
  const PostprocessorPtr inner_;
};

class SigmoidPostprocessor : public Postprocessor {
 public:
  explicit SigmoidPostprocessor(PostprocessorPtr inner) : inner_(std::move(inner)) {}

 protected:
  void fill(Span<const float> scores, Result& result) const override {
    thread_local std::vector<float> probabilities;
    probabilities.resize(scores.size());
    std::transform(scores.begin(), scores.end(), probabilities.begin(),
                   [](float score) { return static_cast<float>(1 / (1 + std::exp(-static_cast<double>(score)))); });
    inner_->process(probabilities, result);
  }

 private:
  const PostprocessorPtr inner_;
};

}  // namespace

PostprocessorPtr make_softmax_postprocessor(PostprocessorPtr inner) {
  return std::make_unique<SoftmaxPostprocessor>(std::move(inner));
}

PostprocessorPtr make_sigmoid_postprocessor(PostprocessorPtr inner) {
  return std::make_unique<SigmoidPostprocessor>(std::move(inner));
}

}  // namespace ppinfer
