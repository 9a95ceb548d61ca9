#include "decode/image_header.h"

#include <string>

#include "core/image_failure.h"
#include "decode/byte_reader.h"

namespace ppinfer {
namespace {

[[noreturn]] void fail(const std::string& reason) { throw ImageFailure(Stage::kDecode, reason); }

std::uint64_t need(std::optional<std::uint64_t> number, const char* format) {
  if (!number) fail(std::string("truncated ") + format + ": the file ends in its header");
  return *number;
}

bool is_int32_negative(std::uint64_t number) { return number >> 31 == 1; }

std::uint64_t int32_magnitude(std::uint64_t number) {
  return is_int32_negative(number) ? (std::uint64_t{1} << 32) - number : number;
}

// The forms that OpenCV reads; it complains on stderr about others.
bool is_bmp_encoding(std::uint64_t bits_per_pixel, std::uint64_t compression) {
  constexpr std::uint64_t kPlain = 0, kRle8 = 1, kRle4 = 2, kBitFields = 3;
  switch (bits_per_pixel) {
    case 1:
    case 24:
      return compression == kPlain;
    case 4:
      return compression == kPlain || compression == kRle4;
    case 8:
      return compression == kPlain || compression == kRle8;
    case 16:
    case 32:
      return compression == kPlain || compression == kBitFields;
    default:
      return false;
  }
}

std::uint64_t webp_canvas_side(const ByteReader& reader, std::uint64_t offset) {
  return need(reader.number(offset, 3), "WebP") + 1;
}

Orientation webp_orientation(const ByteReader& reader, std::uint64_t end) {
  std::uint64_t offset = 12;
  while (offset + 8 <= end) {
    const auto size_bytes = reader.number(offset + 4, 4);
    if (!size_bytes) break;
    if (reader.holds_text(offset, "EXIF")) {
      const bool is_marked = reader.holds_text(offset + 8, "Exif");
      return exif_orientation(reader.from(offset + 8 + (is_marked ? 6 : 0)));
    }
    offset += 8 + *size_bytes + *size_bytes % 2;
  }
  return 1;
}

}  // namespace

ImageHeader read_bmp_header(Span<const std::uint8_t> bytes) {
  const ByteReader reader(bytes, ByteOrder::kLittle);
  const auto number = [&](std::uint64_t offset, int width) { return need(reader.number(offset, width), "BMP"); };
  const std::uint64_t file_bytes = number(2, 4), pixels_at = number(10, 4), header_bytes = number(14, 4);
  const bool is_core = header_bytes == 12;
  if (!is_core && header_bytes < 36) fail("corrupt BMP: a header of " + std::to_string(header_bytes) + " bytes");
  if (!reader.holds(14, header_bytes)) need(std::nullopt, "BMP");

  ImageHeader header;
  header.width_px = is_core ? number(18, 2) : number(18, 4);
  // A negative height says that the top row comes first.
  header.height_px = is_core ? number(20, 2) : int32_magnitude(number(22, 4));
  const std::uint64_t bits_per_pixel = is_core ? number(24, 2) : number(28, 2);
  const std::uint64_t compression = is_core ? 0 : number(30, 4);
  const std::uint64_t palette_colors = is_core ? 0 : number(46, 4);
  if (!is_bmp_encoding(bits_per_pixel, compression)) {
    fail("BMP with " + std::to_string(bits_per_pixel) + " bits a pixel and compression " + std::to_string(compression) +
         " is not supported");
  }
  if (!is_core && is_int32_negative(header.width_px)) fail("corrupt BMP: its width is negative");
  if (bits_per_pixel <= 8) {
    const std::uint64_t colors = palette_colors != 0 ? palette_colors : std::uint64_t{1} << bits_per_pixel;
    if (colors > 256) fail("corrupt BMP: a palette of " + std::to_string(colors) + " colors");
    if (!reader.holds(14 + header_bytes, colors * (is_core ? 3 : 4))) need(std::nullopt, "BMP");
  }
  const bool is_run_length = compression == 1 || compression == 2;
  if (header.width_px == 0 || header.height_px == 0) return header;
  const std::uint64_t row_bytes = (header.width_px * bits_per_pixel + 31) / 32 * 4;
  const bool fits = is_run_length
                        ? file_bytes <= bytes.size()
                        : pixels_at <= bytes.size() && header.height_px <= (bytes.size() - pixels_at) / row_bytes;
  if (!fits) fail("truncated BMP: the file ends early");
  return header;
}

ImageHeader read_webp_header(Span<const std::uint8_t> bytes) {
  constexpr std::uint64_t kAnimated = 0x02, kHasExif = 0x08;
  const ByteReader reader(bytes, ByteOrder::kLittle);
  const auto number = [&](std::uint64_t offset, int width) { return need(reader.number(offset, width), "WebP"); };
  const std::uint64_t end = 8 + number(4, 4);
  if (end > bytes.size()) fail("truncated WebP: the file ends early");
  ImageHeader header;
  if (reader.holds_text(12, "VP8 ")) {
    header.width_px = number(26, 2) & 0x3fff;
    header.height_px = number(28, 2) & 0x3fff;
  } else if (reader.holds_text(12, "VP8L")) {
    const std::uint64_t sides = number(21, 4);
    header.width_px = (sides & 0x3fff) + 1;
    header.height_px = (sides >> 14 & 0x3fff) + 1;
  } else if (reader.holds_text(12, "VP8X")) {
    const std::uint64_t flags = number(20, 1);
    header.is_animated = (flags & kAnimated) != 0;
    header.width_px = webp_canvas_side(reader, 24);
    header.height_px = webp_canvas_side(reader, 27);
    if ((flags & kHasExif) != 0) header.orientation = webp_orientation(reader, end);
  } else {
    fail("corrupt WebP: no picture in it");
  }
  return header;
}

}  // namespace ppinfer
