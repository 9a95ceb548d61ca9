// Measures each stage on one lane while nothing else runs, for the roofline of all lanes.
#pragma once

#include <functional>
#include <vector>

#include "executor/lane.h"
#include "postprocess/postprocessor.h"
#include "ppinfer/predictor.h"

namespace ppinfer {

// As Predictor::measure_stages says. Results are what `postprocessor` makes.
StageTimes stage_costs(const Pipeline& pipeline, const Postprocessor& postprocessor,
                       const std::vector<ImageInput>& inputs, double seconds, ResultSink& sink,
                       const std::function<void()>& on_check);

}  // namespace ppinfer
