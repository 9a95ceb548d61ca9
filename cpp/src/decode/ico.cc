#include "decode/ico.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <tuple>
#include <vector>

#include "core/byte_reader.h"
#include "core/sniff.h"
#include "decode/bmp.h"
#include "decode/fail.h"
#include "decode/png.h"

namespace ppinfer {
namespace {

// A BMP without its first header, and twice as high: the upper half is the mask.
std::vector<std::uint8_t> bmp_of(Span<const std::uint8_t> picture) {
  constexpr std::uint64_t kLeftOutBytes = 14, kHeightAt = 8, kColorBytes = 4;
  const ByteReader reader(picture, ByteOrder::kLittle);
  const auto number = [&](std::uint64_t offset, int width_bytes) {
    return reader.number(offset, width_bytes).value_or(0);
  };
  const std::uint64_t header_bytes = number(0, 4), bits = number(14, 2), stated_colors = number(32, 4);
  if (header_bytes < 40 || !reader.holds(0, header_bytes)) fail("corrupt ICO: its picture is neither a PNG nor a BMP");
  std::uint64_t colors = 0;
  if (bits <= 8) colors = stated_colors != 0 ? stated_colors : std::uint64_t{1} << bits;
  constexpr std::uint64_t kMaskedPixels = 3, kMaskBytes = 12;  // masks follow a header of 40 bytes
  const std::uint64_t mask_bytes = header_bytes == 40 && number(16, 4) == kMaskedPixels ? kMaskBytes : 0;
  const std::uint64_t pixels_at =
      kLeftOutBytes + header_bytes + mask_bytes + kColorBytes * std::min<std::uint64_t>(colors, 256);
  std::vector<std::uint8_t> bmp(kLeftOutBytes, 0);
  bmp[0] = 'B';
  bmp[1] = 'M';
  const auto put = [&](std::uint64_t at, std::uint64_t value) {
    for (std::uint64_t byte = 0; byte < 4; ++byte) bmp[at + byte] = static_cast<std::uint8_t>(value >> (8 * byte));
  };
  put(10, pixels_at);
  bmp.insert(bmp.end(), picture.begin(), picture.end());
  const auto stored_height = static_cast<std::int32_t>(number(kHeightAt, 4));  // negative: the top row comes first
  put(kLeftOutBytes + kHeightAt, static_cast<std::uint32_t>(stored_height / 2));
  return bmp;
}

Span<const std::uint8_t> largest_picture(Span<const std::uint8_t> bytes) {
  constexpr std::uint64_t kListAt = 6, kEntryBytes = 16;
  const ByteReader reader(bytes, ByteOrder::kLittle);
  const std::uint64_t count = *reader.number(4, 2);
  if (!reader.holds(kListAt, count * kEntryBytes)) fail("truncated ICO: the file ends in its list");
  std::uint64_t best = kListAt;
  const auto worth = [&](std::uint64_t entry) {
    const auto side = [&](std::uint64_t at) { return (*reader.number(at, 1) + 255) % 256 + 1; };  // 0 means 256
    std::uint64_t bits = *reader.number(entry + 6, 2);
    if (bits == 0) bits = reader.number(*reader.number(entry + 12, 4) + 14, 2).value_or(0);  // as the BMP says
    return std::tuple(side(entry) * side(entry + 1), bits);
  };
  for (std::uint64_t index = 1; index < count; ++index) {
    const std::uint64_t entry = kListAt + index * kEntryBytes;
    if (worth(entry) > worth(best)) best = entry;
  }
  const std::uint64_t picture_bytes = *reader.number(best + 8, 4), at = *reader.number(best + 12, 4);
  if (!reader.holds(at, picture_bytes)) fail("truncated ICO: the file ends early");
  return {bytes.data() + at, static_cast<std::size_t>(picture_bytes)};
}

}  // namespace

void decode_ico(Span<const std::uint8_t> bytes, std::int64_t max_pixels, RgbImage& image) {
  const Span<const std::uint8_t> picture = largest_picture(bytes);
  if (sniff(picture) == ImageKind::kPng) {
    decode_png(picture, max_pixels, image);
  } else {
    decode_bmp(bmp_of(picture), max_pixels, image);
  }
}

}  // namespace ppinfer
