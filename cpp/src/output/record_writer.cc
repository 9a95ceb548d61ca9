#include "ppinfer/record_writer.h"

#include "output/output_file.h"
#include "output/record_text.h"
#include "ppinfer/error.h"

namespace ppinfer {

void append_record(const Result& result, RecordFormat format, PostprocessOp op, std::string& records) {
  switch (format) {
    case RecordFormat::kText:
      return append_text_record(result, records);
    case RecordFormat::kJsonl:
    case RecordFormat::kVectors:
      return append_jsonl_record(result, format == RecordFormat::kVectors, records);
    case RecordFormat::kCsv:
    case RecordFormat::kSpreadsheet:
      return append_csv_record(result, op, format == RecordFormat::kSpreadsheet, records);
  }
}

RecordFormat parse_record_format(const std::string& name) {
  if (name == "text") return RecordFormat::kText;
  if (name == "jsonl") return RecordFormat::kJsonl;
  if (name == "csv") return RecordFormat::kCsv;
  if (name == "spreadsheet") return RecordFormat::kSpreadsheet;
  throw ConfigError({"record format '" + name + "': expected text, jsonl, csv or spreadsheet"});
}

const char* to_string(RecordFormat format) {
  switch (format) {
    case RecordFormat::kText:
      return "text";
    case RecordFormat::kJsonl:
      return "jsonl";
    case RecordFormat::kCsv:
      return "csv";
    case RecordFormat::kSpreadsheet:
      return "spreadsheet";
    case RecordFormat::kVectors:
      return "vectors";
  }
  return "unknown";
}

bool is_csv(RecordFormat format) { return format == RecordFormat::kCsv || format == RecordFormat::kSpreadsheet; }

std::string format_record(const Result& result, RecordFormat format, PostprocessOp op) {
  std::string record;
  append_record(result, format, op, record);
  return record;
}

class RecordWriter::File : public OutputFile {
 public:
  using OutputFile::OutputFile;
};

RecordWriter::RecordWriter(const std::string& output_path, RecordFormat format, PostprocessOp op)
    : file_(std::make_unique<File>(output_path)), format_(format), op_(op) {
  if (!is_csv(format_)) return;
  append_csv_header(op_, file_->buffer());
  file_->flush();
}

RecordWriter::~RecordWriter() = default;

void RecordWriter::write(const Result& result) {
  append_record(result, format_, op_, file_->buffer());
  file_->appended();
}

void RecordWriter::flush() { file_->flush(); }

void RecordWriter::finish() { file_->close(); }

}  // namespace ppinfer
