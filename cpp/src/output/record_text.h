// The three formats, each of which appends one record, newline included, to a buffer that the caller keeps.
#pragma once

#include <string>

#include "ppinfer/result.h"

namespace ppinfer {

void append_text_record(const Result& result, std::string& records);
void append_jsonl_record(const Result& result, std::string& records);
void append_csv_record(const Result& result, std::string& records);

inline constexpr const char* kCsvHeader = "path,status,class_ids,scores,label_names,error_stage,error_message\n";

}  // namespace ppinfer
