#include "job/line_scan.h"

#include <string>
#include <string_view>
#include <vector>

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

ScannedRecords scan_records(const GrowingFile& file, RecordFormat format, PostprocessOp op, std::int64_t limit) {
  const std::string header = header_of(format, op);
  ScannedRecords found;
  if (!starts_with(file, header)) return found;
  found.bytes = static_cast<std::int64_t>(header.size());
  std::vector<char> block(kBlockBytes);
  bool quoted = false;  // within a CSV field a line end is a character as any other
  for (std::int64_t offset = found.bytes; found.records < limit;) {
    const std::size_t count = file.read(offset, block.data(), block.size());
    if (count == 0) break;
    for (std::size_t index = 0; index < count && found.records < limit; ++index) {
      const char character = block[index];
      // No record holds a NUL: where one stands, a block of the file never reached the disk.
      if (character == '\0') return found;
      if (character == '"' && is_csv(format)) quoted = !quoted;
      if (character != '\n' || quoted) continue;
      ++found.records;
      found.bytes = offset + static_cast<std::int64_t>(index) + 1;
    }
    offset += static_cast<std::int64_t>(count);
  }
  return found;
}

}  // namespace ppinfer
