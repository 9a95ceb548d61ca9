#include "decode/avif.h"

#include <avif/avif.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "core/machine_failure.h"
#include "decode/fail.h"
#include "decode/pixel_cap.h"

namespace ppinfer {
namespace {

struct DestroyDecoder {
  void operator()(avifDecoder* decoder) const { avifDecoderDestroy(decoder); }
};
using AvifDecoder = std::unique_ptr<avifDecoder, DestroyDecoder>;

// Goes through the boxes, not through the pixels.
AvifDecoder parsed(Span<const std::uint8_t> bytes, std::int64_t max_pixels, avifResult& result) {
  AvifDecoder decoder(avifDecoderCreate());
  if (decoder == nullptr) throw std::bad_alloc();
  decoder->maxThreads = 1;  // a lane is a thread
  decoder->ignoreExif = AVIF_TRUE;
  decoder->ignoreXMP = AVIF_TRUE;
  // Files without these details are common, and browsers show them.
  decoder->strictFlags = AVIF_STRICT_DISABLED;
  if (max_pixels > 0) {
    decoder->imageSizeLimit =
        static_cast<std::uint32_t>(std::min<std::int64_t>(max_pixels, AVIF_DEFAULT_IMAGE_SIZE_LIMIT));
  }
  result = avifDecoderSetIOMemory(decoder.get(), bytes.data(), bytes.size());
  if (result == AVIF_RESULT_OK) result = avifDecoderParse(decoder.get());
  return decoder;
}

[[noreturn]] void fail_for(avifResult result) {
#if AVIF_VERSION >= 1000000
  if (result == AVIF_RESULT_OUT_OF_MEMORY) throw std::bad_alloc();
#endif
  if (result == AVIF_RESULT_TRUNCATED_DATA) fail("truncated AVIF: the file ends early");
  if (result == AVIF_RESULT_NO_CODEC_AVAILABLE) throw MachineFailure("AVIF needs a libavif that decodes AV1");
  fail(std::string("corrupt AVIF: ") + avifResultToString(result));
}

// irot turns counter-clockwise, then imir mirrors.
Orientation orientation_of(const avifImage& image) {
  const bool is_turned = (image.transformFlags & AVIF_TRANSFORM_IROT) != 0;
  const bool is_mirrored = (image.transformFlags & AVIF_TRANSFORM_IMIR) != 0;
#if AVIF_VERSION >= 1000000
  const int mirror = is_mirrored ? 1 + image.imir.axis : 0;
#else
  const int mirror = is_mirrored ? 1 + image.imir.mode : 0;
#endif
  constexpr Orientation kOrientations[4][3] = {{1, 4, 2}, {8, 5, 7}, {3, 2, 4}, {6, 7, 5}};
  return kOrientations[is_turned ? image.irot.angle & 3 : 0][std::min(mirror, 2)];
}

// To `channels` of 8 bits.
void convert(const avifImage& picture, avifRGBFormat format, std::uint32_t channels,
             std::vector<std::uint8_t>& pixels) {
  avifRGBImage rgb;
  avifRGBImageSetDefaults(&rgb, &picture);
  rgb.format = format;
  rgb.depth = 8;
  rgb.ignoreAlpha = channels == 3 ? AVIF_TRUE : AVIF_FALSE;
  rgb.pixels = pixels.data();
  rgb.rowBytes = channels * picture.width;
  const avifResult result = avifImageYUVToRGB(&picture, &rgb);
  if (result != AVIF_RESULT_OK) fail_for(result);
}

// Of a picture whose colors are stored as multiplied by alpha.
void divide_by_alpha(const avifImage& picture, RgbImage& image) {
  std::vector<std::uint8_t> rgba(image.pixels.size() / 3 * 4);
  convert(picture, AVIF_RGB_FORMAT_RGBA, 4, rgba);
  for (std::size_t pixel = 0; pixel < rgba.size() / 4; ++pixel) {
    std::copy_n(rgba.data() + 4 * pixel, 3, image.pixels.data() + 3 * pixel);
  }
}

}  // namespace

Orientation decode_avif(Span<const std::uint8_t> bytes, std::int64_t max_pixels, RgbImage& image) {
  avifResult result = AVIF_RESULT_OK;
  const AvifDecoder decoder = parsed(bytes, max_pixels, result);
  if (result != AVIF_RESULT_OK) {
    // libavif doesn't say that an image is too large.
    avifResult unlimited_result = AVIF_RESULT_OK;
    const AvifDecoder unlimited = parsed(bytes, 0, unlimited_result);
    if (unlimited_result == AVIF_RESULT_OK) checked_size(unlimited->image->width, unlimited->image->height, max_pixels);
    fail_for(result);
  }
  allocate(image, checked_size(decoder->image->width, decoder->image->height, max_pixels));
  // Its planes: neither libavif nor its codecs tell a lack of memory from a damaged file.
  require_memory(2 * image.pixels.size());
  result = avifDecoderNextImage(decoder.get());
  if (result != AVIF_RESULT_OK) fail_for(result);
  avifImage& picture = *decoder->image;
  if (Size{static_cast<int>(picture.width), static_cast<int>(picture.height)} != image.size_px) {
    fail("corrupt AVIF: its picture has another size than its header says");
  }
  if (picture.alphaPlane != nullptr && picture.alphaPremultiplied != AVIF_FALSE) {
    divide_by_alpha(picture, image);
  } else {
    picture.alphaPremultiplied = AVIF_TRUE;  // or else dropping alpha would put the colors on black
    convert(picture, AVIF_RGB_FORMAT_RGB, 3, image.pixels);
  }
  return orientation_of(picture);
}

}  // namespace ppinfer
