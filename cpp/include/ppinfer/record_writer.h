// Results as records of text, JSON Lines or CSV.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ppinfer/predictor.h"

namespace [[gnu::visibility("default")]] ppinfer {

enum class RecordFormat { kText, kJsonl, kCsv, kSpreadsheet, kVectors };
RecordFormat parse_record_format(const std::string& name);  // "text", "jsonl", "csv", "spreadsheet"; else ConfigError
bool is_csv(RecordFormat format);                           // kCsv or kSpreadsheet
const char* to_string(RecordFormat format);

// The format of an output's extension: "text", "jsonl", "csv", or "parquet" and "npy", which Python writes; empty for
// an extension such as in "records.2024". Throws ConfigError: the extension is similar to one of these, or belongs to
// another kind of table.
std::string format_from_extension(const std::string& output_path);

// The input that a file to write would overwrite: "an image's name", "an archive's name", "a model's name" (links are
// followed), "the list of images" (the file at `list_path`), "the config" (at `config_path`), "an image" (the file
// holds one, other than BMP); empty: none. `--output *.jpg`, with the name forgotten, must not cost the first image.
std::string clobbered_input(const std::string& path, const std::string& list_path = "",
                            const std::string& config_path = "");

// Throws ConfigError if `path` and a path in `read` lead to the same file.
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
//   vectors  jsonl in which scores and embedding are base64 of little-endian float32: the part of a run from which
//          write_output makes another format; parse_record_format() does not accept it
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
