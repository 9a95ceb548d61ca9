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
      return append_jsonl_record(result, records);
    case RecordFormat::kCsv:
      return append_csv_record(result, op, records);
  }
}

RecordFormat parse_record_format(const std::string& name) {
  if (name == "text") return RecordFormat::kText;
  if (name == "jsonl") return RecordFormat::kJsonl;
  if (name == "csv") return RecordFormat::kCsv;
  throw ConfigError({"record format '" + name + "': expected text, jsonl or csv"});
}

const char* to_string(RecordFormat format) {
  switch (format) {
    case RecordFormat::kText:
      return "text";
    case RecordFormat::kJsonl:
      return "jsonl";
    case RecordFormat::kCsv:
      return "csv";
  }
  return "unknown";
}

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
  if (format_ != RecordFormat::kCsv) return;
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
