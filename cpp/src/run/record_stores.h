// Stores of records for what a run writes beside its output.
#pragma once

#include <memory>

#include "ppinfer/run.h"

namespace ppinfer {

// Keeps the records in files.part, which becomes files.output. Throws RuntimeFailure if an output exists that may not be
// written.
std::unique_ptr<RecordStore> make_part_store(const RunFiles& files, RecordFormat format, PostprocessOp op);

}  // namespace ppinfer
