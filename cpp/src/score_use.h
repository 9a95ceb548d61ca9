// What the model's scores are, and what the config makes of them: told once, from one image of noise at load.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "ppinfer/config.h"
#include "ppinfer/span.h"

namespace ppinfer {

// The scores [rows, class_count] of images of noise; `contrast` times as strong as photos are.
using NoiseScores = std::function<std::vector<float>(double contrast)>;

struct ScoreUse {
  bool softmax = false;              // what settings.softmax comes to; of one output: its sigmoid
  std::vector<std::string> notices;  // where scores aren't what postprocessing is meant for
};

// `kind`: what the model's end says. `first`: the scores of noise, as the warm-up gave them. `more` is called where
// these alone don't tell. Throws ModelError where the answers can't mean anything: a softmax over the batch, or over
// the one output of each image, gives 1 for all classes of all images.
ScoreUse judge_scores(const Settings& settings, ScoreKind kind, Span<const float> first, int class_count,
                      const NoiseScores& more);

}  // namespace ppinfer
