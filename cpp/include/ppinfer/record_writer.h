// Results as records of text, JSON Lines or CSV.
#pragma once

#include <memory>
#include <string>

#include "ppinfer/predictor.h"

namespace ppinfer {

enum class RecordFormat { kText, kJsonl, kCsv };
RecordFormat parse_record_format(const std::string& name);  // "text", "jsonl", "csv"; else ConfigError

// One Result as one record, newline included:
//   text   path<TAB>id label score[, id label score ...]   or   path<TAB>error in decode: reason
//          control characters and backslashes in path and labels are written as \n, \t, \xNN, ...
//   jsonl  {"path", "status": "ok", "class_ids", "scores", "label_names"}
//          {"path", "status": "error", "error": {"stage", "message"}}
//          path is null for inputs without one; bytes of a path that aren't UTF-8 become \udcNN, as Python's
//          os.fsdecode does
//   csv    path,status,class_ids,scores,label_names,error_stage,error_message; lists joined with ';' (within a label
//          "\;" is a semicolon and "\\" a backslash); header line first; RFC 4180 quoting; path as raw bytes
// Scores: jsonl and csv the shortest decimal that gives the same float32 back, always with a point or an exponent
// (1.0); text 5 decimals. A score that isn't finite is null in jsonl.
std::string format_record(const Result& result, RecordFormat format);

// Writes records to a file ("-": standard output). A failed write throws RuntimeFailure with the reason.
class RecordWriter : public ResultSink {
 public:
  // Throws RuntimeFailure when the file cannot be opened; the CSV header is written at once.
  RecordWriter(const std::string& output_path, RecordFormat format);
  ~RecordWriter() override;  // closes without a word; call finish() to learn of errors

  void write(const Result& result) override;
  void finish();  // flushes and closes; throws RuntimeFailure

 private:
  class File;
  std::unique_ptr<File> file_;
  RecordFormat format_;
};

}  // namespace ppinfer
