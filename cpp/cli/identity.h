// What a resumed run of clas_system must have the same.
#pragma once

#include "arguments.h"
#include "ppinfer/job.h"

namespace ppinfer {

// The model's files are known again by their size and the time of their last change: hashing some hundred megabytes
// would take longer than loading them.
JobIdentity identity_of(const Predictor& predictor, const Arguments& arguments);

}  // namespace ppinfer
