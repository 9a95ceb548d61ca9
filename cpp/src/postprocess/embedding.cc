#include <cmath>

#include "core/image_failure.h"
#include "postprocess/ops.h"

namespace ppinfer {
namespace {

class EmbeddingPostprocessor : public Postprocessor {
 protected:
  void fill(Span<const float> scores, Result& result) const override {
    double squares = 0;  // float64: neither 1e-30 nor 1e30 squared is lost
    for (const float value : scores) squares += static_cast<double>(value) * static_cast<double>(value);
    const double length = std::sqrt(squares);
    if (length == 0) {
      throw ImageFailure(Stage::kPostprocess, "the model's vector is all zeros and cannot be scaled to length 1");
    }
    result.embedding.reserve(scores.size());
    for (const float value : scores) {
      result.embedding.push_back(static_cast<float>(static_cast<double>(value) / length));
    }
  }
};

}  // namespace

PostprocessorPtr make_embedding_postprocessor() { return std::make_unique<EmbeddingPostprocessor>(); }

}  // namespace ppinfer
