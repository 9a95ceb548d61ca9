// From scores to answers without a predictor: what Predictor makes of its model's output, for scores from anywhere.
#pragma once

#include <string>
#include <vector>

#include "ppinfer/config.h"
#include "ppinfer/result.h"
#include "ppinfer/span.h"

namespace ppinfer {

// One Result for each row of `scores` [paths.size(), class_count], float32. `labels` [class_count] (two of one score
// and op threshold) or empty: the file of settings.label_path then. Paths are those of the results; save_dir copies
// these files. A row that has no answer (a score that isn't finite) is an error Result. Throws ConfigError when
// settings, labels and class_count don't fit together; RuntimeFailure when a file can't be copied.
std::vector<Result> postprocess(Span<const float> scores, int class_count, const std::vector<std::string>& paths,
                                const std::vector<std::string>& labels, const Settings& settings);

}  // namespace ppinfer
