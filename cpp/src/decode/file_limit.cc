#include "decode/file_limit.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>

#include "core/byte_reader.h"
#include "core/image_failure.h"
#include "core/sniff.h"
#include "decode/pixel_cap.h"

namespace ppinfer {
namespace {

struct StatedSize {
  std::uint64_t width_px = 0, height_px = 0;
};

std::optional<StatedSize> stated_by_jpeg(const ByteReader& reader) {
  std::uint64_t segment = 2;
  for (auto mark = reader.number(segment, 2); mark && *mark >= 0xff01; mark = reader.number(segment, 2)) {
    const bool is_frame = *mark >= 0xffc0 && *mark <= 0xffcf && *mark != 0xffc4 && *mark != 0xffc8 && *mark != 0xffcc;
    const auto length = reader.number(segment + 2, 2), height = reader.number(segment + 5, 2);
    const auto width = reader.number(segment + 7, 2);
    if (!length || (is_frame && !width)) break;
    if (is_frame && *height != 0) return StatedSize{*width, *height};  // 0: stated behind the first scan
    segment += 2 + *length;
  }
  return std::nullopt;
}

std::optional<StatedSize> stated_by_webp(const ByteReader& reader) {
  const auto pair = [&](std::uint64_t at, int width_bytes, std::uint64_t mask, std::uint64_t more) {
    const auto width = reader.number(at, width_bytes);
    const auto height = reader.number(at + static_cast<std::uint64_t>(width_bytes), width_bytes);
    return width && height ? std::optional(StatedSize{(*width & mask) + more, (*height & mask) + more}) : std::nullopt;
  };
  if (reader.holds_text(12, "VP8X")) return pair(24, 3, 0xffffff, 1);
  if (reader.holds_text(12, "VP8 ")) return pair(26, 2, 0x3fff, 0);
  const auto bits = reader.holds_text(12, "VP8L") ? reader.number(21, 4) : std::nullopt;
  return bits ? std::optional(StatedSize{(*bits & 0x3fff) + 1, (*bits >> 14 & 0x3fff) + 1}) : std::nullopt;
}

bool is_core_bmp(const ByteReader& reader) { return reader.number(14, 4) == 12; }  // by the length of its header

std::optional<StatedSize> stated_size(ImageKind kind, Span<const std::uint8_t> start) {
  const ByteReader little(start, ByteOrder::kLittle), big(start, ByteOrder::kBig);
  const auto pair = [](const ByteReader& reader, std::uint64_t at, int width_bytes) {
    return StatedSize{reader.number(at, width_bytes).value_or(0),
                      reader.number(at + static_cast<std::uint64_t>(width_bytes), width_bytes).value_or(0)};
  };
  switch (kind) {
    case ImageKind::kJpeg:
      return stated_by_jpeg(big);
    case ImageKind::kPng:
      return big.holds_text(12, "IHDR") ? std::optional(pair(big, 16, 4)) : std::nullopt;
    case ImageKind::kGif:
      return pair(little, 6, 2);
    case ImageKind::kWebp:
      return stated_by_webp(little);
    case ImageKind::kBmp: {
      if (is_core_bmp(little)) return pair(little, 18, 2);
      StatedSize size = pair(little, 18, 4);
      if (size.width_px >> 31 == 1) return std::nullopt;                                          // negative
      if (size.height_px >> 31 == 1) size.height_px = (std::uint64_t{1} << 32) - size.height_px;  // top row first
      return size;
    }
    default:  // stated at any place: in the directory of a TIFF, in the boxes of an AVIF
      return std::nullopt;
  }
}

// Where the last row of a BMP ends; nothing: run-length encoded rows have any length.
std::optional<std::uint64_t> end_of_bmp(Span<const std::uint8_t> start, const StatedSize& size) {
  const ByteReader reader(start, ByteOrder::kLittle);
  const bool is_core = is_core_bmp(reader);
  const std::uint64_t compression = is_core ? 0 : reader.number(30, 4).value_or(0);
  if (compression == 1 || compression == 2) return std::nullopt;
  const std::uint64_t bits = reader.number(is_core ? 24 : 28, 2).value_or(0);
  return reader.number(10, 4).value_or(0) + (size.width_px * bits + 31) / 32 * 4 * size.height_px;
}

std::string mebibytes(std::uint64_t bytes) { return std::to_string(bytes >> 20) + " MiB"; }

}  // namespace

std::uint64_t useful_file_bytes(Span<const std::uint8_t> start, std::uint64_t file_bytes, std::int64_t max_pixels) {
  // Animations, previews, profiles, a video behind a photo. Pages of a TIFF count as pixels.
  constexpr std::uint64_t kFreeBytes = std::uint64_t{128} << 20;
  constexpr std::uint64_t kMostPixelBytes = 8;
  const ImageKind kind = sniff(start);
  const std::optional<StatedSize> stated = stated_size(kind, start);
  // A GIF's screen may have no pixels, and the decoder of BMP checks its sides.
  if (stated && stated->width_px != 0 && stated->height_px != 0) {
    checked_size(stated->width_px, stated->height_px, max_pixels);
    if (kind == ImageKind::kBmp) {
      if (const auto end = end_of_bmp(start, *stated)) return std::min(file_bytes, *end);
    }
  }
  constexpr std::uint64_t kUnknown = std::numeric_limits<std::uint64_t>::max();
  if (!stated && max_pixels == 0) return file_bytes;
  const std::uint64_t pixels = stated ? stated->width_px * stated->height_px : static_cast<std::uint64_t>(max_pixels);
  const std::uint64_t most_bytes = kFreeBytes + kMostPixelBytes * pixels;
  if (file_bytes <= most_bytes) return file_bytes;
  if (file_bytes == kUnknown) return most_bytes;
  const std::string size_text =
      stated ? " of " + std::to_string(stated->width_px) + "x" + std::to_string(stated->height_px) + " px"
             : " of max_pixels " + std::to_string(max_pixels);
  throw ImageFailure(Stage::kRead, "the file has " + mebibytes(file_bytes) + ", more than the " +
                                       mebibytes(most_bytes) + " that a " + to_string(kind) + size_text + " may have");
}

}  // namespace ppinfer
