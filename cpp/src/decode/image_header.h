// What the headers of BMP, WebP and TIFF files claim, read before a codec is let near them.
#pragma once

#include <cstdint>

#include "decode/exif.h"
#include "decode/sniff.h"
#include "ppinfer/span.h"

namespace ppinfer {

struct ImageHeader {
  std::uint64_t width_px = 0;  // untrusted, may be anything
  std::uint64_t height_px = 0;
  std::uint64_t tile_width_px = 0;  // TIFF: of the tiles it is stored in, which a codec allocates too; else 0
  std::uint64_t tile_height_px = 0;
  Orientation orientation = 1;
  bool is_animated = false;  // WebP
};

// Throws ImageFailure(kDecode) for a header that is cut off, that makes no sense or that announces more bytes than the
// file has (truncated).
ImageHeader read_bmp_header(Span<const std::uint8_t> bytes);
ImageHeader read_webp_header(Span<const std::uint8_t> bytes);
ImageHeader read_tiff_header(Span<const std::uint8_t> bytes);  // of the first picture in the file

}  // namespace ppinfer
