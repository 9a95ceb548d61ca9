#include "decode/decoder.h"

#include <new>
#include <utility>

#include "core/kept_memory.h"
#include "core/machine_failure.h"
#include "core/sniff.h"
#include "decode/avif.h"
#include "decode/bmp.h"
#include "decode/fail.h"
#include "decode/file_limit.h"
#include "decode/gif.h"
#include "decode/heic.h"
#include "decode/ico.h"
#include "decode/jpeg.h"
#include "decode/jpeg_xl.h"
#include "decode/orient.h"
#include "decode/pixel_cap.h"
#include "decode/png.h"
#include "decode/pnm.h"
#include "decode/tiff.h"
#include "decode/webp.h"

namespace ppinfer {

Decoder::Decoder(DecodeOptions options) : options_(std::move(options)) {}
Decoder::~Decoder() = default;
Decoder::Decoder(Decoder&&) noexcept = default;

void Decoder::decode(EncodedImage encoded, RgbImage& image) {
  const Span<const std::uint8_t> bytes = encoded.bytes;
  if (bytes.empty()) fail("empty file");
  const ImageKind kind = sniff(bytes);
  image.size_px = {};
  try {
    const Orientation wanted = decode_as(kind, bytes, image);
    orient(wanted, image, scratch_);
  } catch (const std::bad_alloc&) {
    const Size size_px = image.size_px;
    image = RgbImage();  // the next image may fit
    scratch_ = RgbImage();
    if (size_px == Size{}) throw out_of_memory("decoding a file of", bytes.size());
    throw out_of_memory("decoding", size_px);
  }
}

std::uint64_t Decoder::useful_file_bytes(Span<const std::uint8_t> start, std::uint64_t file_bytes) const {
  return ppinfer::useful_file_bytes(start, file_bytes, options_.max_pixels);
}

void Decoder::end_image() { give_back_if_large(scratch_.pixels); }

// The orientation that the pixels still need to be what the options ask for.
int Decoder::decode_as(ImageKind kind, Span<const std::uint8_t> bytes, RgbImage& image) {
  const std::int64_t max_pixels = options_.max_pixels;
  const auto if_rotating = [&](Orientation orientation) { return options_.exif_rotate ? orientation : 1; };
  switch (kind) {
    case ImageKind::kJpeg:
      return decode_jpeg(bytes, options_, image);
    case ImageKind::kPng:
      return if_rotating(decode_png(bytes, max_pixels, image));
    case ImageKind::kWebp:
      return if_rotating(decode_webp(bytes, max_pixels, image));
    case ImageKind::kTiff:
      return if_rotating(decode_tiff(bytes, max_pixels, image));
    case ImageKind::kAvif:
      return if_rotating(decode_avif(bytes, max_pixels, image));
    case ImageKind::kJpegXl:
      return if_rotating(decode_jpeg_xl(bytes, max_pixels, image));
    case ImageKind::kHeic:
      decode_heic(bytes, max_pixels, image);
      break;
    case ImageKind::kGif:
      decode_gif(bytes, max_pixels, image);
      break;
    case ImageKind::kBmp:
      decode_bmp(bytes, max_pixels, image);
      break;
    case ImageKind::kPnm:
      decode_pnm(bytes, max_pixels, image);
      break;
    case ImageKind::kIco:
      decode_ico(bytes, max_pixels, image);
      break;
    case ImageKind::kOther:
      fail(describe_other(bytes));
  }
  return 1;
}

}  // namespace ppinfer
