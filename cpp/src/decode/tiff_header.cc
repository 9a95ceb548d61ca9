#include <algorithm>
#include <string>

#include "core/image_failure.h"
#include "decode/byte_reader.h"
#include "decode/image_header.h"

namespace ppinfer {
namespace {

[[noreturn]] void fail(const std::string& reason) { throw ImageFailure(Stage::kDecode, reason); }

std::uint64_t need(std::optional<std::uint64_t> number) {
  if (!number) fail("truncated TIFF: the file ends before what its header points to");
  return *number;
}

enum Tag : std::uint64_t {
  kWidth = 256,
  kHeight = 257,
  kBitsPerSample = 258,
  kStripOffsets = 273,
  kOrientation = 274,
  kStripByteCounts = 279,
  kColorMap = 320,
  kTileWidth = 322,
  kTileHeight = 323,
  kTileOffsets = 324,
  kTileByteCounts = 325,
};

// The two layouts: classic, and BigTIFF with 64-bit offsets.
struct Layout {
  int count_bytes;  // of the number of entries in a directory
  int offset_bytes;
  std::uint64_t entry_bytes() const { return 4 + 2 * static_cast<std::uint64_t>(offset_bytes); }
};
constexpr Layout kClassic{2, 4};
constexpr Layout kBig{8, 8};

// A tag's values: `count` unsigned numbers of `width_bytes` at `offset`. Of another type: width_bytes is 0.
struct Values {
  std::uint64_t count = 0;
  std::uint64_t offset = 0;
  int width_bytes = 0;

  std::uint64_t at(const ByteReader& reader, std::uint64_t index) const {
    return need(reader.number(offset + index * static_cast<std::uint64_t>(width_bytes), width_bytes));
  }
};

int width_of_type(std::uint64_t type) {
  switch (type) {
    case 1:
      return 1;  // BYTE
    case 3:
      return 2;  // SHORT
    case 4:
      return 4;  // LONG
    case 16:
      return 8;  // LONG8
    default:
      return 0;
  }
}

Values read_entry(const ByteReader& reader, const Layout& layout, std::uint64_t entry) {
  Values values;
  values.width_bytes = width_of_type(need(reader.number(entry + 2, 2)));
  values.count = need(reader.number(entry + 4, layout.offset_bytes));
  const std::uint64_t inline_at = entry + 4 + static_cast<std::uint64_t>(layout.offset_bytes);
  const auto room = static_cast<std::uint64_t>(layout.offset_bytes);
  const bool is_inline =
      values.width_bytes == 0 || values.count <= room / static_cast<std::uint64_t>(values.width_bytes);
  values.offset = is_inline ? inline_at : need(reader.number(inline_at, layout.offset_bytes));
  return values;
}

// libtiff goes on without a color map that it can't read, to wrong pixels.
void require_values(const ByteReader& reader, const Values& values) {
  if (values.width_bytes != 0 && values.count > 0) values.at(reader, values.count - 1);
}

void require_data(const ByteReader& reader, const Values& offsets, const Values& byte_counts) {
  if (offsets.width_bytes == 0 || byte_counts.width_bytes == 0) return;
  for (std::uint64_t index = 0; index < std::min(offsets.count, byte_counts.count); ++index) {
    if (!reader.holds(offsets.at(reader, index), byte_counts.at(reader, index))) {
      fail("truncated TIFF: the file ends early");
    }
  }
}

}  // namespace

ImageHeader read_tiff_header(Span<const std::uint8_t> bytes) {
  const ByteOrder order = ByteReader(bytes, ByteOrder::kBig).holds_text(0, "II") ? ByteOrder::kLittle : ByteOrder::kBig;
  const ByteReader reader(bytes, order);
  const Layout& layout = reader.number(2, 2) == 43 ? kBig : kClassic;
  const std::uint64_t directory = need(reader.number(layout.offset_bytes, layout.offset_bytes));
  const std::uint64_t count = need(reader.number(directory, layout.count_bytes));
  ImageHeader header;
  Values strip_offsets, strip_byte_counts, tile_offsets, tile_byte_counts;
  for (std::uint64_t index = 0; index < count; ++index) {
    const std::uint64_t entry =
        directory + static_cast<std::uint64_t>(layout.count_bytes) + index * layout.entry_bytes();
    const std::uint64_t tag = need(reader.number(entry, 2));
    const Values values = read_entry(reader, layout, entry);
    // Of a tag that stands twice the larger value: which one the codec takes doesn't matter then.
    const auto raise = [&](std::uint64_t& field) {
      if (values.width_bytes != 0 && values.count > 0) field = std::max(field, values.at(reader, 0));
    };
    std::uint64_t orientation = 0;
    switch (tag) {
      case kWidth:
        raise(header.width_px);
        break;
      case kHeight:
        raise(header.height_px);
        break;
      case kTileWidth:
        raise(header.tile_width_px);
        break;
      case kTileHeight:
        raise(header.tile_height_px);
        break;
      case kOrientation:
        raise(orientation);
        if (orientation >= 1 && orientation <= 8) header.orientation = static_cast<Orientation>(orientation);
        break;
      case kBitsPerSample:
      case kColorMap:
        require_values(reader, values);
        break;
      case kStripOffsets:
        strip_offsets = values;
        break;
      case kStripByteCounts:
        strip_byte_counts = values;
        break;
      case kTileOffsets:
        tile_offsets = values;
        break;
      case kTileByteCounts:
        tile_byte_counts = values;
        break;
      default:
        break;
    }
  }
  require_data(reader, strip_offsets, strip_byte_counts);
  require_data(reader, tile_offsets, tile_byte_counts);
  return header;
}

}  // namespace ppinfer
