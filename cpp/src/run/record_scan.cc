#include "run/record_scan.h"

#include <string>

#include "output/record_text.h"

namespace ppinfer {
namespace {

constexpr std::size_t kBlockBytes = 1 << 18;

std::string header_of(RecordFormat format, PostprocessOp op) {
  std::string header;
  if (is_csv(format)) append_csv_header(op, header);
  return header;
}

bool starts_with(const GrowingFile& file, const std::string& header) {
  std::string start(header.size(), '\0');
  return file.read(0, start.data(), start.size()) == header.size() && start == header;
}

}  // namespace

void scan_records(const GrowingFile& file, RecordFormat format, PostprocessOp op, const RecordVisit& visit) {
  const std::string header = header_of(format, op);
  if (!starts_with(file, header)) return;
  auto record_at = static_cast<std::int64_t>(header.size());  // where the first record in `bytes` begins
  std::string bytes;
  std::size_t seen = 0;
  bool quoted = false;  // within a CSV field a line end is a character as any other
  for (;;) {
    bytes.resize(seen + kBlockBytes);
    const std::size_t count = file.read(record_at + static_cast<std::int64_t>(seen), bytes.data() + seen, kBlockBytes);
    if (count == 0) return;
    bytes.resize(seen + count);
    std::size_t begin = 0;
    for (; seen < bytes.size(); ++seen) {
      const char character = bytes[seen];
      // No record holds a NUL: where one is, a block of the file never reached the disk.
      if (character == '\0') return;
      if (character == '"' && is_csv(format)) quoted = !quoted;
      if (character != '\n' || quoted) continue;
      const std::int64_t end = record_at + static_cast<std::int64_t>(seen + 1);
      if (!visit(std::string_view(bytes).substr(begin, seen + 1 - begin), end)) return;
      begin = seen + 1;
    }
    bytes.erase(0, begin);
    record_at += static_cast<std::int64_t>(begin);
    seen -= begin;
  }
}

}  // namespace ppinfer
