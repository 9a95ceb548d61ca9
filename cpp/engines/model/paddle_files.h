// Looks at the two files of a Paddle model before an inference library does.
//
// Paddle 3.3 crashes on a .pdmodel that isn't one, runs a PIR model without its parameters and takes parameters whose
// end is missing as they are. The framing of both files is simple enough to be checked here.
#pragma once

#include "engine/engine.h"

namespace ppinfer {

// Throws ModelError: a file that is missing, unreadable, empty, cut off or of another kind. Checks the framing, not the
// content: a flipped bit inside a tensor passes.
void check_paddle_files(const EngineOptions& options);

}  // namespace ppinfer
