// What int8 takes, whichever engine computes it.
#pragma once

#include "engine/engine.h"

namespace ppinfer {

// Throws ModelError: this CPU lacks VNNI. Without it the sums of int8 products are saturated on their way, and the
// answers wrong.
void check_int8_cpu();

[[noreturn]] void throw_not_quantized(const EngineOptions& options);  // ModelError

}  // namespace ppinfer
