#include <algorithm>
#include <string_view>

#include "output/number_text.h"
#include "output/record_text.h"

namespace ppinfer {
namespace {

bool needs_quotes(std::string_view raw) { return raw.find_first_of(",\"\r\n") != std::string_view::npos; }

// Spreadsheets take a field that begins so for a formula, and run it. A ' before it makes it text.
bool begins_formula(std::string_view raw) {
  return !raw.empty() && std::string_view("=+-@\t\r\n").find(raw.front()) != std::string_view::npos;
}

// RFC 4180: a field with a comma, a quote or a line end stands in quotes, and quotes within are doubled.
void append_field(std::string_view raw, bool for_spreadsheets, std::string& csv) {
  const char* const mark = for_spreadsheets && begins_formula(raw) ? "'" : "";
  if (!needs_quotes(raw)) {
    csv += mark;
    csv += raw;
    return;
  }
  csv += '"';
  csv += mark;
  for (const char character : raw) {
    if (character == '"') csv += '"';
    csv += character;
  }
  csv += '"';
}

// A backslash is escaped as well: otherwise a label that ends with one would swallow the separator after it.
void append_joined_field(const std::vector<std::string>& labels, bool for_spreadsheets, std::string& csv) {
  const bool quoted = std::any_of(labels.begin(), labels.end(), needs_quotes);
  if (quoted) csv += '"';
  for (std::size_t index = 0; index < labels.size(); ++index) {
    if (index > 0) csv += ';';
    if (for_spreadsheets && begins_formula(labels[index])) csv += '\'';
    for (const char character : labels[index]) {
      if (character == ';' || character == '\\') csv += '\\';
      if (character == '"') csv += '"';
      csv += character;
    }
  }
  if (quoted) csv += '"';
}

template <class Values, class Append>
void append_joined(const Values& values, std::string& csv, Append append) {
  for (std::size_t index = 0; index < values.size(); ++index) {
    if (index > 0) csv += ';';
    append(values[index], csv);
  }
}

bool has_attributes(PostprocessOp op) {
  return op == PostprocessOp::kPersonAttribute || op == PostprocessOp::kVehicleAttribute;
}

void append_further_columns(const Result& result, PostprocessOp op, bool for_spreadsheets, std::string& records) {
  if (has_attributes(op)) {
    records += ',';
    append_joined_field(result.attributes, for_spreadsheets, records);
    records += ',';
    append_joined(result.attribute_flags, records, append_integer);
  } else if (op == PostprocessOp::kEmbedding) {
    records += ',';
    append_joined(result.embedding, records, append_shortest);
  }
  records += '\n';
}

}  // namespace

void append_csv_header(PostprocessOp op, std::string& records) {
  records += "path,status,class_ids,scores,label_names,error_stage,error_message";
  if (has_attributes(op)) records += ",attributes,attribute_flags";
  if (op == PostprocessOp::kEmbedding) records += ",embedding";
  records += '\n';
}

void append_csv_record(const Result& result, PostprocessOp op, bool for_spreadsheets, std::string& records) {
  append_field(result.path, for_spreadsheets, records);
  if (result.error) {
    records += ",error,,,,";
    records += to_string(result.error->stage);
    records += ',';
    append_field(result.error->message, for_spreadsheets, records);
    append_further_columns(result, op, for_spreadsheets, records);
    return;
  }
  records += ",ok,";
  append_joined(result.class_ids, records, append_integer);
  records += ',';
  append_joined(result.scores, records, append_shortest);
  records += ',';
  append_joined_field(result.label_names, for_spreadsheets, records);
  records += ",,";
  append_further_columns(result, op, for_spreadsheets, records);
}

}  // namespace ppinfer
