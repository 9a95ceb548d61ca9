#include "decode/masked_bmp.h"

#include <cstddef>

#include "core/image_failure.h"
#include "decode/byte_reader.h"
#include "decode/pixel_cap.h"

namespace ppinfer {
namespace {

constexpr std::uint64_t kRedMaskAt = 54, kGreenMaskAt = 58, kBlueMaskAt = 62;

std::uint32_t read_mask(Span<const std::uint8_t> bytes, std::uint64_t offset) {
  return static_cast<std::uint32_t>(ByteReader(bytes, ByteOrder::kLittle).number(offset, 4).value_or(0));
}

struct Channel {
  explicit Channel(std::uint32_t bits) : mask(bits) {
    if (mask == 0) throw ImageFailure(Stage::kDecode, "corrupt BMP: a color mask without a bit");
    while ((mask >> shift & 1) == 0) ++shift;
    scale = 255.0F / static_cast<float>(mask >> shift);
  }
  // In float32 and cut, not rounded, as OpenCV does it.
  std::uint8_t of(std::uint32_t pixel) const {
    return static_cast<std::uint8_t>(static_cast<float>((pixel & mask) >> shift) * scale);
  }

  std::uint32_t mask;
  int shift = 0;
  float scale = 1;
};

}  // namespace

bool is_masked_bmp(Span<const std::uint8_t> bytes) {
  constexpr std::uint64_t kBitFields = 3, kHeaderWithMasksBytes = 56;
  const ByteReader reader(bytes, ByteOrder::kLittle);
  if (reader.number(28, 2) != 32 || reader.number(30, 4) != kBitFields) return false;
  if (reader.number(14, 4).value_or(0) < kHeaderWithMasksBytes) return false;
  return read_mask(bytes, kRedMaskAt) != 0xff0000 || read_mask(bytes, kGreenMaskAt) != 0xff00 ||
         read_mask(bytes, kBlueMaskAt) != 0xff;
}

void decode_masked_bmp(Span<const std::uint8_t> bytes, Size size_px, RgbImage& image) {
  const Channel red(read_mask(bytes, kRedMaskAt)), green(read_mask(bytes, kGreenMaskAt)),
      blue(read_mask(bytes, kBlueMaskAt));
  const ByteReader reader(bytes, ByteOrder::kLittle);
  const std::uint64_t pixels_at = reader.number(10, 4).value_or(0);
  const bool is_bottom_up = reader.number(22, 4).value_or(0) >> 31 == 0;
  allocate(image, size_px);
  std::uint8_t* rgb = image.pixels.data();
  for (int y = 0; y < size_px.height; ++y) {
    const int stored_row = is_bottom_up ? size_px.height - 1 - y : y;
    const auto first = static_cast<std::uint64_t>(stored_row) * static_cast<std::uint64_t>(size_px.width);
    for (std::uint64_t index = first; index < first + static_cast<std::uint64_t>(size_px.width); ++index, rgb += 3) {
      const auto pixel = static_cast<std::uint32_t>(reader.number(pixels_at + 4 * index, 4).value_or(0));
      rgb[0] = red.of(pixel);
      rgb[1] = green.of(pixel);
      rgb[2] = blue.of(pixel);
    }
  }
}

}  // namespace ppinfer
