// Bytes of an image file in, RGB pixels out, as cv2.imread (then BGR to RGB) gives them.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/rgb_image.h"
#include "core/sniff.h"
#include "decode/decode_options.h"

namespace ppinfer {

// One a lane: it keeps its scratch memory. Not for two threads at once.
class Decoder {
 public:
  explicit Decoder(DecodeOptions options);
  ~Decoder();
  Decoder(Decoder&&) noexcept;

  // Throws ImageFailure(kDecode) with the reason: empty, not an image, truncated, too many pixels, ...; MachineFailure
  // where a codec throws std::bad_alloc, with the size that `image` has by then.
  // `image` is unspecified after a throw.
  void decode(EncodedImage encoded, RgbImage& image);

  // As file_limit.h has it.
  std::uint64_t useful_file_bytes(Span<const std::uint8_t> start, std::uint64_t file_bytes) const;

  void end_image();  // gives back the scratch memory that only a large image needs

 private:
  int decode_as(ImageKind kind, Span<const std::uint8_t> bytes, RgbImage& image);

  DecodeOptions options_;
  RgbImage scratch_;  // for turning
};

}  // namespace ppinfer
