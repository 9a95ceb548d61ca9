#include "decode/bmp.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include "core/byte_reader.h"
#include "decode/bmp_runs.h"
#include "decode/fail.h"
#include "decode/pixel_cap.h"

namespace ppinfer {
namespace {

std::uint64_t in_header(std::optional<std::uint64_t> number) {
  if (!number) fail("truncated BMP: the file ends in its header");
  return *number;
}

enum Compression : std::uint64_t { kPlain = 0, kRuns8 = 1, kRuns4 = 2, kMasks = 3 };

constexpr std::uint64_t kFileHeaderBytes = 14, kCoreHeaderBytes = 12, kMasksAt = 54, kMasksEnd = 66;

struct Header {
  std::uint64_t pixels_at = 0;
  std::uint64_t header_bytes = 0;
  std::uint64_t width_px = 0, height_px = 0;  // untrusted, may be anything
  bool is_bottom_up = true;
  std::uint64_t bits_per_pixel = 0;
  std::uint64_t compression = kPlain;
  std::uint64_t palette_colors = 0;

  bool is_core() const { return header_bytes == kCoreHeaderBytes; }
  std::uint64_t row_bytes() const { return (width_px * bits_per_pixel + 31) / 32 * 4; }
};

bool is_supported(const Header& header) {
  switch (header.bits_per_pixel) {
    case 1:
    case 24:
      return header.compression == kPlain;
    case 4:
      return header.compression == kPlain || header.compression == kRuns4;
    case 8:
      return header.compression == kPlain || header.compression == kRuns8;
    case 16:
    case 32:
      return header.compression == kPlain || header.compression == kMasks;
    default:
      return false;
  }
}

Header read_header(const ByteReader& reader) {
  const auto number = [&](std::uint64_t offset, int width_bytes) {
    return in_header(reader.number(offset, width_bytes));
  };
  const auto magnitude = [](std::uint64_t value) {
    return value >> 31 == 1 ? (std::uint64_t{1} << 32) - value : value;
  };
  Header header;
  header.pixels_at = number(10, 4);
  header.header_bytes = number(14, 4);
  if (!header.is_core() && header.header_bytes < 36) {
    fail("corrupt BMP: a header of " + std::to_string(header.header_bytes) + " bytes");
  }
  if (!reader.holds(kFileHeaderBytes, header.header_bytes)) in_header(std::nullopt);
  if (header.is_core()) {
    header.width_px = number(18, 2);
    header.height_px = number(20, 2);
    header.bits_per_pixel = number(24, 2);
  } else {
    header.width_px = number(18, 4);
    header.height_px = magnitude(number(22, 4));  // a negative one says that the top row comes first
    header.is_bottom_up = number(22, 4) >> 31 == 0;
    header.bits_per_pixel = number(28, 2);
    header.compression = number(30, 4);
    header.palette_colors = number(46, 4);
    if (header.width_px >> 31 == 1) fail("corrupt BMP: its width is negative");
  }
  if (!is_supported(header)) {
    fail("BMP with " + std::to_string(header.bits_per_pixel) + " bits a pixel and compression " +
         std::to_string(header.compression) + " is not supported");
  }
  if (header.pixels_at < kFileHeaderBytes + header.header_bytes) fail("corrupt BMP: its pixels begin in its header");
  return header;
}

BmpPalette read_palette(const ByteReader& reader, const Header& header) {
  const std::uint64_t colors =
      header.palette_colors != 0 ? header.palette_colors : std::uint64_t{1} << header.bits_per_pixel;
  if (colors > 256) fail("corrupt BMP: a palette of " + std::to_string(colors) + " colors");
  const std::uint64_t entry_bytes = header.is_core() ? 3 : 4;
  BmpPalette palette{};  // colors that the file doesn't bring are black
  for (std::uint64_t index = 0; index < colors; ++index) {
    const std::uint64_t entry =
        in_header(reader.number(kFileHeaderBytes + header.header_bytes + index * entry_bytes, 3));
    palette[index] = {static_cast<std::uint8_t>(entry >> 16), static_cast<std::uint8_t>(entry >> 8),
                      static_cast<std::uint8_t>(entry)};
  }
  return palette;
}

struct Channel {
  explicit Channel(std::uint64_t bits) : mask(bits) {
    if (mask == 0) fail("corrupt BMP: a color mask without a bit");
    while ((mask >> shift & 1) == 0) ++shift;
    scale = 255.0F / static_cast<float>(mask >> shift);
  }
  // In float32 and cut, not rounded, as OpenCV does it.
  std::uint8_t of(std::uint64_t pixel) const {
    return static_cast<std::uint8_t>(static_cast<float>((pixel & mask) >> shift) * scale);
  }

  std::uint64_t mask;
  int shift = 0;
  float scale = 1;
};

struct Masks {
  std::uint64_t red = 0, green = 0, blue = 0;
  friend bool operator==(const Masks& a, const Masks& b) {
    return a.red == b.red && a.green == b.green && a.blue == b.blue;
  }
};
constexpr Masks kMasks555{0x7c00, 0x3e0, 0x1f}, kMasks565{0xf800, 0x7e0, 0x1f}, kMasks888{0xff0000, 0xff00, 0xff};

// Masks are the header's last part, or follow one of 40 bytes, if only the writer didn't forget them.
Masks read_masks(const ByteReader& reader, const Header& header) {
  const bool has_masks = header.header_bytes >= kMasksEnd - kFileHeaderBytes || header.pixels_at >= kMasksEnd;
  if (header.compression != kMasks || !has_masks) return header.bits_per_pixel == 16 ? kMasks555 : kMasks888;
  const auto mask_at = [&](std::uint64_t offset) {  // of the pixel's own bits
    return in_header(reader.number(offset, 4)) & ((std::uint64_t{1} << header.bits_per_pixel) - 1);
  };
  return {mask_at(kMasksAt), mask_at(kMasksAt + 4), mask_at(kMasksAt + 8)};
}

// Turns a stored row into RGB.
class RowReader {
 public:
  RowReader(const ByteReader& reader, const Header& header) : bits_(header.bits_per_pixel), width_px_(header.width_px) {
    if (bits_ <= 8) palette_ = read_palette(reader, header);
    if (bits_ == 16 || bits_ == 32) masks_ = read_masks(reader, header);
  }

  const BmpPalette& palette() const { return palette_; }

  void read(const std::uint8_t* stored, std::uint8_t* rgb) const {
    if (bits_ <= 8) {
      for (std::uint64_t x = 0; x < width_px_; ++x) {
        const std::uint64_t bit = x * bits_;
        const auto shift = 8 - bits_ - bit % 8;
        const std::uint64_t index = stored[bit / 8] >> shift & ((std::uint64_t{1} << bits_) - 1);
        std::copy_n(palette_[index].data(), 3, rgb + 3 * x);
      }
    } else if (bits_ == 24 || masks_ == kMasks888) {
      const std::uint64_t pixel_bytes = bits_ / 8;
      for (std::uint64_t x = 0; x < width_px_; ++x, stored += pixel_bytes, rgb += 3) {
        rgb[0] = stored[2];
        rgb[1] = stored[1];
        rgb[2] = stored[0];
      }
    } else if (bits_ == 16 && (masks_ == kMasks555 || masks_ == kMasks565)) {
      read_16_bits(stored, rgb);
    } else {
      read_masked(stored, rgb);
    }
  }

 private:
  // As OpenCV does it: the low bits stay 0.
  void read_16_bits(const std::uint8_t* stored, std::uint8_t* rgb) const {
    const bool is_565 = masks_ == kMasks565;
    for (std::uint64_t x = 0; x < width_px_; ++x, stored += 2, rgb += 3) {
      const unsigned pixel = stored[0] | static_cast<unsigned>(stored[1]) << 8;
      rgb[0] = static_cast<std::uint8_t>((is_565 ? pixel >> 8 : pixel >> 7) & 0xf8);
      rgb[1] = static_cast<std::uint8_t>(is_565 ? pixel >> 3 & 0xfc : pixel >> 2 & 0xf8);
      rgb[2] = static_cast<std::uint8_t>(pixel << 3 & 0xf8);
    }
  }

  void read_masked(const std::uint8_t* stored, std::uint8_t* rgb) const {
    const Channel red(masks_.red), green(masks_.green), blue(masks_.blue);
    const int pixel_bytes = static_cast<int>(bits_ / 8);
    for (std::uint64_t x = 0; x < width_px_; ++x, stored += pixel_bytes, rgb += 3) {
      const std::uint64_t pixel = *ByteReader({stored, 4}, ByteOrder::kLittle).number(0, pixel_bytes);
      rgb[0] = red.of(pixel);
      rgb[1] = green.of(pixel);
      rgb[2] = blue.of(pixel);
    }
  }

  std::uint64_t bits_;
  std::uint64_t width_px_;
  BmpPalette palette_{};
  Masks masks_;
};

std::uint8_t* row_of(RgbImage& image, const Header& header, int stored_row) {
  const int y = header.is_bottom_up ? image.size_px.height - 1 - stored_row : stored_row;
  return image.pixels.data() + 3 * static_cast<std::size_t>(image.size_px.width) * static_cast<std::size_t>(y);
}

void read_rows(Span<const std::uint8_t> bytes, const Header& header, const RowReader& rows, RgbImage& image) {
  for (int y = 0; y < image.size_px.height; ++y) {
    rows.read(bytes.data() + header.pixels_at + static_cast<std::uint64_t>(y) * header.row_bytes(),
              row_of(image, header, y));
  }
}

}  // namespace

void decode_bmp(Span<const std::uint8_t> bytes, std::int64_t max_pixels, RgbImage& image) {
  const ByteReader reader(bytes, ByteOrder::kLittle);
  const Header header = read_header(reader);
  const Size size_px = checked_size(header.width_px, header.height_px, max_pixels);
  const RowReader rows(reader, header);
  const bool is_runs = header.compression == kRuns4 || header.compression == kRuns8;
  const std::uint64_t last_row_bytes = (header.width_px * header.bits_per_pixel + 7) / 8;
  const std::uint64_t pixel_bytes = header.row_bytes() * (header.height_px - 1) + last_row_bytes;
  if (!reader.holds(header.pixels_at, is_runs ? 0 : pixel_bytes)) fail("truncated BMP: the file ends early");
  allocate(image, size_px);
  if (is_runs) {
    const auto row = [&](int stored_row) { return row_of(image, header, stored_row); };
    read_bmp_runs(reader.from(header.pixels_at), header.compression == kRuns4, rows.palette(), size_px, row);
  } else {
    read_rows(bytes, header, rows, image);
  }
}

}  // namespace ppinfer
