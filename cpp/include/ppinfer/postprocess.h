// Postprocessing without a predictor: makes Results from scores of any source, as Predictor does from its model's
// output.
#pragma once

#include <string>
#include <vector>

#include "ppinfer/config.h"
#include "ppinfer/result.h"
#include "ppinfer/span.h"

namespace [[gnu::visibility("default")]] ppinfer {

// One Result for each row of `scores` [paths.size(), class_count], float32. `labels` has class_count names (two for one
// score with op threshold), or is empty to use settings.label_path. `paths` become the results' paths; save_dir copies
// these files. A row with a score that isn't finite gives an error Result. Throws ConfigError if settings, labels and
// class_count don't fit together; RuntimeFailure if a file can't be copied.
std::vector<Result> postprocess(Span<const float> scores, int class_count, const std::vector<std::string>& paths,
                                const std::vector<std::string>& labels, const Settings& settings);

}  // namespace ppinfer
