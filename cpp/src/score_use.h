// Decides at load, from one image of noise, whether the model's scores are probabilities or raw, and how the config
// uses the scores.
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

// `kind`: by the model's last operation. `first`: the scores of noise from the warm-up. `more` is called if `first` is
// ambiguous. Throws ModelError if the scores are meaningless: a softmax over the batch, or over the one output of each
// image, gives 1 for all classes of all images.
ScoreUse decide_score_use(const Settings& settings, ScoreKind kind, Span<const float> first, int class_count,
                          const NoiseScores& more);

}  // namespace ppinfer
