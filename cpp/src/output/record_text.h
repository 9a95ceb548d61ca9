// Records of each format. Each function appends one record, or the header, with its newline to the caller's buffer.
#pragma once

#include <string>

#include "ppinfer/record_writer.h"
#include "ppinfer/result.h"
#include "ppinfer/types.h"

namespace ppinfer {

void append_text_record(const Result& result, std::string& records);
void append_jsonl_record(const Result& result, bool as_vectors, std::string& records);
// `op` sets the columns after the seven common ones; `for_spreadsheets` puts a ' before what would be a formula.
void append_csv_record(const Result& result, PostprocessOp op, bool for_spreadsheets, std::string& records);
void append_csv_header(PostprocessOp op, std::string& records);

// That of `format`.
void append_record(const Result& result, RecordFormat format, PostprocessOp op, std::string& records);

}  // namespace ppinfer
