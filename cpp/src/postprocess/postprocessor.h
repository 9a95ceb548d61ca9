// A row of the model's output in, the class part of a Result out.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ppinfer/result.h"
#include "ppinfer/span.h"

namespace ppinfer {

class Postprocessor {
 public:
  virtual ~Postprocessor() = default;
  // Fills class_ids, scores and label_names. Throws ImageFailure(kPostprocess) when a score isn't finite. Thread-safe.
  virtual void process(Span<const float> scores, Result& result) const = 0;
};

// `labels` [class count] or empty; borrowed for the life of the postprocessor.
std::unique_ptr<Postprocessor> make_top_k_postprocessor(int k, const std::vector<std::string>& labels);

}  // namespace ppinfer
