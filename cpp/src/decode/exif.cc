#include "decode/exif.h"

#include "core/byte_reader.h"

namespace ppinfer {

Orientation exif_orientation(Span<const std::uint8_t> block) {
  constexpr std::uint64_t kOrientationTag = 0x0112;
  constexpr std::uint64_t kEntryBytes = 12;
  const ByteReader start(block, ByteOrder::kBig);
  const bool little = start.holds_text(0, "II");
  if (!little && !start.holds_text(0, "MM")) return 1;
  const ByteReader reader(block, little ? ByteOrder::kLittle : ByteOrder::kBig);
  if (reader.number(2, 2) != 42) return 1;
  const auto directory = reader.number(4, 4);
  if (!directory) return 1;
  const auto count = reader.number(*directory, 2);
  for (std::uint64_t index = 0; count && index < *count; ++index) {
    const std::uint64_t entry = *directory + 2 + index * kEntryBytes;
    const auto tag = reader.number(entry, 2);
    if (!tag) break;
    if (*tag != kOrientationTag) continue;
    const auto value = reader.number(entry + 8, 2);
    return value && *value >= 1 && *value <= 8 ? static_cast<Orientation>(*value) : 1;
  }
  return 1;
}

Orientation inverse(Orientation orientation) {
  if (orientation == 6) return 8;
  if (orientation == 8) return 6;
  return orientation;  // mirrorings and the half turn undo themselves
}

}  // namespace ppinfer
