#include "postprocess/ops.h"

namespace ppinfer {
namespace {

class RawPostprocessor : public Postprocessor {
 protected:
  bool takes_any_score() const override { return true; }
  void fill(Span<const float> scores, Result& result) const override {
    result.scores.assign(scores.begin(), scores.end());
  }
};

}  // namespace

PostprocessorPtr make_raw_postprocessor() { return std::make_unique<RawPostprocessor>(); }

}  // namespace ppinfer
