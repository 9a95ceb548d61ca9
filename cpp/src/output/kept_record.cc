#include "output/kept_record.h"

#include <algorithm>

#include "ppinfer/result.h"

namespace ppinfer {
namespace {

bool starts_with(std::string_view text, std::string_view start) { return text.substr(0, start.size()) == start; }

KeptRecord split(std::string_view record, std::size_t path_end, std::string_view error_follows) {
  return {std::string(record.substr(0, path_end)), starts_with(record.substr(path_end), error_follows)};
}

KeptRecord read_text(std::string_view record) {
  return split(record, std::min(record.find('\t'), record.size()), "\terror in ");
}

KeptRecord read_jsonl(std::string_view record) {
  constexpr std::string_view kPath = "{\"path\": ";
  if (!starts_with(record, kPath)) return {};
  record.remove_prefix(kPath.size());
  std::size_t end = 0;
  if (starts_with(record, "\"")) {
    for (end = 1; end < record.size() && record[end] != '"'; ++end) end += record[end] == '\\' ? 1 : 0;
    ++end;
  } else {
    end = record.find(',');  // null
  }
  return split(record, std::min(end, record.size()), ", \"status\": \"error\"");
}

KeptRecord read_csv(std::string_view record) {
  bool quoted = false;
  std::size_t end = 0;
  for (; end < record.size() && (quoted || record[end] != ','); ++end) quoted = quoted != (record[end] == '"');
  return split(record, end, ",error,");
}

}  // namespace

KeptRecord read_record(std::string_view record, RecordFormat format) {
  if (format == RecordFormat::kText) return read_text(record);
  return is_csv(format) ? read_csv(record) : read_jsonl(record);
}

std::string path_text(const std::string& path, RecordFormat format) {
  Result result;
  result.path = path;
  result.error = ImageError(Stage::kRead, "none");
  return read_record(format_record(result, format), format).path;
}

}  // namespace ppinfer
