// Results as records of text, JSON Lines or CSV.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ppinfer/predictor.h"

namespace ppinfer {

enum class RecordFormat { kText, kJsonl, kCsv, kSpreadsheet, kVectors };
RecordFormat parse_record_format(const std::string& name);  // "text", "jsonl", "csv", "spreadsheet"; else ConfigError
bool is_csv(RecordFormat format);                           // kCsv or kSpreadsheet
const char* to_string(RecordFormat format);

// The format of an output's extension: "text", "jsonl", "csv", or "parquet" and "npy", which Python writes; empty for
// an extension such as in "records.2024". Throws ConfigError: the extension is similar to one of these, or belongs to
// another kind of table.
std::string format_from_extension(const std::string& output_path);

// What the path of a file to write, for records or the like, must have been meant as: "an image's name", "an archive's
// name", "a model's name" (of a link also by what it leads to), "the list of images" (where it is the file at
// `list_path`), "the config" (at `config_path`), "an image" (a file that holds one); empty: nothing. A forgotten name,
// as in `--output *.jpg` or `--output *.tar`, must not cost the first of the inputs.
std::string clobbered_input(const std::string& path, const std::string& list_path = "",
                            const std::string& config_path = "");

// Throws ConfigError where a file to write is one of those that are read, by whatever name.
void require_not_read(const std::string& path, const std::vector<std::string>& read);

// One Result as one record, newline included:
//   text   path<TAB>id label score[, id label score ...]   or   path<TAB>error in decode: reason
//          without class ids: the scores, the attributes or the embedding, joined with ", "; nothing where no class
//          reached the threshold
//          what a terminal would obey in path, labels and attributes (control characters, marks of writing direction,
//          bytes that aren't UTF-8) is written as \n, \t, \xNN, and a backslash as \\; in the reason backslashes stay,
//          as it spells out bytes of its own in this way
//   jsonl  {"path", "status": "ok", "class_ids", "scores", "label_names"}
//          {"path", "status": "error", "error": {"stage", "message"}}
//          path is null for inputs without one; bytes of a path that aren't UTF-8 become \udcNN, as Python's
//          os.fsdecode does
//          After these, where the postprocess op makes them: "attributes", "attribute_flags"; "embedding"
//   csv    path,status,class_ids,scores,label_names,error_stage,error_message; lists joined with ';' (within a label
//          "\;" is a semicolon and "\\" a backslash); header line first; RFC 4180 quoting; path as raw bytes
//          Two more columns in runs of an attribute op, attributes,attribute_flags; one of embedding, embedding
//   spreadsheet  csv, with a ' before a path, label, attribute or reason that begins with = + - @, a tab or a line end,
//          which spreadsheets would run as a formula
//   vectors  jsonl in which scores and embedding are base64 of little-endian float32: the part of a run that another
//          format is made of at its end; no name stands for it
// Scores: jsonl and csv the shortest decimal that gives the same float32 back, always with a point or an exponent
// (1.0); text 5 decimals. A score that isn't finite is null in jsonl.
// `op` made the result.
std::string format_record(const Result& result, RecordFormat format, PostprocessOp op = PostprocessOp::kTopk);

// Writes records to a file ("-": standard output). A failed write throws RuntimeFailure with the reason.
class RecordWriter : public ResultSink {
 public:
  // Throws RuntimeFailure when the file cannot be opened; the CSV header is written at once.
  RecordWriter(const std::string& output_path, RecordFormat format, PostprocessOp op = PostprocessOp::kTopk);
  ~RecordWriter() override;  // closes without a word; call finish() to learn of errors

  void write(const Result& result) override;
  void flush();   // hands what is kept back to the system; throws RuntimeFailure
  void finish();  // flushes and closes; throws RuntimeFailure

 private:
  class File;
  std::unique_ptr<File> file_;
  RecordFormat format_;
  PostprocessOp op_;
};

}  // namespace ppinfer
