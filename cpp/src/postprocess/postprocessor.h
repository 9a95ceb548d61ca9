// A row of the model's output in, the answer of a Result out. One file an op; make_postprocessor picks.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ppinfer/config.h"
#include "ppinfer/result.h"
#include "ppinfer/span.h"

namespace ppinfer {

class Postprocessor {
 public:
  virtual ~Postprocessor() = default;

  // Fills `result` from `scores` [class count] and keeps its path. Throws ImageFailure(kPostprocess) if a score isn't
  // finite (except with raw scores), or if the scores give no result; `result` is then empty. Thread-safe.
  void process(Span<const float> scores, Result& result) const;

 protected:
  // Whether `fill` can take NaN and infinities; if not, process() refuses them.
  virtual bool takes_any_score() const { return false; }
  // Whether `fill` sets each of label_names and their number; if not, it finds none there.
  virtual bool writes_over_names() const { return false; }
  // `result` is empty, except for label_names of an earlier image, which may be overwritten.
  virtual void fill(Span<const float> scores, Result& result) const = 0;
};

// Everything but the path.
void clear_answer(Result& result);

// process(), with its exception as the result's error.
void process_or_fail(const Postprocessor& postprocessor, Span<const float> scores, Result& result);

// The op of settings.postprocess with its parameters, behind softmax (of one output: its sigmoid) when that is set.
// `labels` [classes_of(class_count)] or empty; borrowed for the life of the
// postprocessor. `softmax`: what settings.softmax came to. Throws ConfigError when a parameter is out of range or
// doesn't fit the class count.
std::unique_ptr<Postprocessor> make_postprocessor(const Settings& settings, const std::vector<std::string>& labels,
                                                  int class_count, bool softmax);

// The ops that name classes; for the others labels are of no use.
bool has_labels(PostprocessOp op);

// How many classes a model's outputs stand for: as many, but one output is the score of class 1 of two to threshold.
int classes_of(PostprocessOp op, int output_count);

// Throws ConfigError if settings.postprocess can't give a result for a model with this many outputs: a model with one
// output has a top-1 class only with postprocess threshold.
void check_output_count(const Settings& settings, int output_count);

}  // namespace ppinfer
