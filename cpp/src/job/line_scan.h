// Where the records of a text file end.
#pragma once

#include <cstdint>

#include "job/growing_file.h"
#include "ppinfer/record_writer.h"

namespace ppinfer {

struct ScannedRecords {
  std::int64_t records = 0;
  std::int64_t bytes = 0;  // that they, and the header before them, take
};

// The whole records from the start of `file` on, at most `limit`; what follows the last of them, such as the first half
// of one that a killed process was writing, isn't counted. `op` made them. A CSV file that doesn't start with its
// header has none.
ScannedRecords scan_records(const GrowingFile& file, RecordFormat format, PostprocessOp op, std::int64_t limit);

}  // namespace ppinfer
