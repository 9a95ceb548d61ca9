// What the stages cost one after another on one lane, with nothing else going on: the roofline of all lanes together.
#pragma once

#include <functional>
#include <vector>

#include "executor/lane.h"
#include "postprocess/postprocessor.h"
#include "ppinfer/predictor.h"

namespace ppinfer {

// As Predictor::measure_stages says. Results are what `postprocessor` makes.
StageTimes stage_costs(const Rooms& rooms, const Postprocessor& postprocessor, const std::vector<ImageInput>& inputs,
                       double seconds, ResultSink& sink, const std::function<void()>& on_check);

}  // namespace ppinfer
