// The records of an unfinished output.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "ppinfer/growing_file.h"
#include "ppinfer/record_writer.h"

namespace ppinfer {

// `end`: bytes from the start of the file to the record's end.
using RecordVisit = std::function<bool(std::string_view record, std::int64_t end)>;

// Calls `visit` for each whole record from the start of `file` on, while it returns true. What follows the last of
// them, such as the first half of one that a killed process was writing, is left out. A file that doesn't begin with
// the header that `format` and `op` have has no record.
void scan_records(const GrowingFile& file, RecordFormat format, PostprocessOp op, const RecordVisit& visit);

}  // namespace ppinfer
