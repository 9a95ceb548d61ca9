// Bytes of an image file in, RGB pixels out, as cv2.imread (then BGR to RGB) gives them.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/rgb_image.h"
#include "decode/decode_options.h"
#include "decode/sniff.h"

namespace ppinfer {

// One a lane: it keeps its scratch memory. Not for two threads at once.
class Decoder {
 public:
  explicit Decoder(DecodeOptions options);
  ~Decoder();
  Decoder(Decoder&&) noexcept;

  // Throws ImageFailure(kDecode) with the reason: empty, not an image, truncated, too many pixels, ...
  // `image` is unspecified after a throw.
  void decode(EncodedImage encoded, RgbImage& image);

 private:
  int decode_as(ImageKind kind, Span<const std::uint8_t> bytes, RgbImage& image);

  DecodeOptions options_;
  RgbImage scratch_;  // for turning
};

}  // namespace ppinfer
