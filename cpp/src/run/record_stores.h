// Stores of records for what a run writes beside its output.
#pragma once

#include <memory>
#include <string>

#include "ppinfer/run.h"

namespace ppinfer {

// For the errors of a run that nothing can be resumed from. Its part has a name of its own, PATH.direct.part, so that
// what a killed run leaves isn't taken for records that another one goes on from. The part of the usual name, of which
// visit() tells, is held meanwhile, empty, so that other runs keep away from the file.
std::unique_ptr<RecordStore> make_direct_errors_store(const std::string& path, RecordFormat format, PostprocessOp op);

}  // namespace ppinfer
