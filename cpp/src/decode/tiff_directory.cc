#include "decode/tiff_directory.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "core/byte_reader.h"
#include "decode/fail.h"

namespace ppinfer {
namespace {

// Bits a sample, color map, extra samples, sample format, JPEG tables, YCbCr coefficients, reference black and white.
constexpr std::uint64_t kPixelTags[] = {258, 320, 338, 339, 347, 529, 532};

// Bytes a value, by the number of its type; 0: no such type.
constexpr std::array<std::uint64_t, 19> kTypeBytes{0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8};

std::uint64_t need(std::optional<std::uint64_t> number) {
  if (!number) {
    fail("truncated TIFF: the file ends before what its header points to");
  }
  return *number;
}

// The two layouts: classic, and BigTIFF with 64-bit offsets.
struct Layout {
  int count_bytes;  // of the number of entries in a directory
  int offset_bytes;
};
constexpr Layout kClassic{2, 4}, kBig{8, 8};

void check_entry(const ByteReader& reader, const Layout& layout, std::uint64_t entry) {
  const std::uint64_t tag = need(reader.number(entry, 2)), type = need(reader.number(entry + 2, 2));
  const std::uint64_t count = need(reader.number(entry + 4, layout.offset_bytes));
  const auto room = static_cast<std::uint64_t>(layout.offset_bytes);
  const std::uint64_t values_at = entry + 4 + room;
  const std::uint64_t offset = need(reader.number(values_at, layout.offset_bytes));
  if (std::find(std::begin(kPixelTags), std::end(kPixelTags), tag) == std::end(kPixelTags)) return;
  const std::uint64_t value_bytes = type < kTypeBytes.size() ? kTypeBytes[type] : 0;
  if (value_bytes == 0 || count <= room / value_bytes) return;
  const bool is_in_file = count <= std::uint64_t{1} << 32 && reader.holds(offset, count * value_bytes);
  if (!is_in_file) need(std::nullopt);
}

}  // namespace

void check_tiff_directory(Span<const std::uint8_t> bytes) {
  const ByteOrder order = ByteReader(bytes, ByteOrder::kBig).holds_text(0, "II") ? ByteOrder::kLittle : ByteOrder::kBig;
  const ByteReader reader(bytes, order);
  const Layout& layout = reader.number(2, 2) == 43 ? kBig : kClassic;
  const std::uint64_t directory = need(reader.number(layout.offset_bytes, layout.offset_bytes));
  const std::uint64_t count = need(reader.number(directory, layout.count_bytes));
  const std::uint64_t entry_bytes = 4 + 2 * static_cast<std::uint64_t>(layout.offset_bytes);
  std::uint64_t entry = directory + static_cast<std::uint64_t>(layout.count_bytes);
  // Ends at the file's end at the latest.
  for (std::uint64_t index = 0; index < count; ++index, entry += entry_bytes) check_entry(reader, layout, entry);
}

}  // namespace ppinfer
