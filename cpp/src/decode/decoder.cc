#include "decode/decoder.h"

#include <utility>

#include "core/image_failure.h"
#include "decode/animated_webp.h"
#include "decode/gif.h"
#include "decode/image_header.h"
#include "decode/jpeg.h"
#include "decode/masked_bmp.h"
#include "decode/opencv.h"
#include "decode/orient.h"
#include "decode/pixel_cap.h"
#include "decode/png.h"
#include "decode/sniff.h"

namespace ppinfer {
namespace {

ImageHeader read_header(ImageKind kind, Span<const std::uint8_t> bytes) {
  if (kind == ImageKind::kBmp) return read_bmp_header(bytes);
  if (kind == ImageKind::kWebp) return read_webp_header(bytes);
  return read_tiff_header(bytes);
}

}  // namespace

Decoder::Decoder(DecodeOptions options) : options_(std::move(options)) {}
Decoder::~Decoder() = default;
Decoder::Decoder(Decoder&&) noexcept = default;

void Decoder::decode(EncodedImage encoded, RgbImage& image) {
  const Span<const std::uint8_t> bytes = encoded.bytes;
  if (bytes.empty()) throw ImageFailure(Stage::kDecode, "empty file");
  const ImageKind kind = sniff(bytes);
  if (kind == ImageKind::kOther) throw ImageFailure(Stage::kDecode, describe_other(bytes));
  const Orientation wanted = decode_as(kind, bytes, image);
  orient(wanted, image, scratch_);
}

// The orientation that the pixels still need to be what the options ask for.
int Decoder::decode_as(ImageKind kind, Span<const std::uint8_t> bytes, RgbImage& image) {
  const auto if_rotating = [&](Orientation orientation) { return options_.exif_rotate ? orientation : 1; };
  if (kind == ImageKind::kJpeg) return decode_jpeg(bytes, options_, image);
  if (kind == ImageKind::kPng) return if_rotating(decode_png(bytes, options_.max_pixels, image));

  if (kind == ImageKind::kGif) {
    decode_gif(bytes, options_.max_pixels, image);
    return 1;
  }

  const ImageHeader header = read_header(kind, bytes);
  const Size size_px = checked_size(header.width_px, header.height_px, options_.max_pixels);
  if (header.tile_width_px != 0 || header.tile_height_px != 0) {
    checked_size(header.tile_width_px, header.tile_height_px, options_.max_pixels);
  }
  if (header.is_animated) {
    decode_animated_webp(bytes, size_px, image);
  } else if (kind == ImageKind::kBmp && is_masked_bmp(bytes)) {
    decode_masked_bmp(bytes, size_px, image);
  } else {
    decode_with_opencv(kind, bytes, size_px, image);
  }
  if (kind != ImageKind::kTiff) return if_rotating(header.orientation);
  return options_.exif_rotate ? 1 : inverse(header.orientation);
}

}  // namespace ppinfer
