// Stores of records for what a run writes beside its output.
#pragma once

#include <memory>
#include <string>

#include "ppinfer/run.h"

namespace ppinfer {

// For the errors of a run that can't be resumed. Its part is PATH.direct.part, so that a later run doesn't resume from
// the part of a killed run. The part with the usual name, which visit() reads, stays locked and empty, so that other
// runs don't use the file.
std::unique_ptr<RecordStore> make_direct_errors_store(const std::string& path, RecordFormat format, PostprocessOp op);

}  // namespace ppinfer
