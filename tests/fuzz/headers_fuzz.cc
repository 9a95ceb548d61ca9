// Format detection from the first bytes, and each header parser alone.
#include "core/image_failure.h"
#include "core/sniff.h"
#include "decode/decoder.h"
#include "decode/exif.h"
#include "decode/tiff_directory.h"
#include "fuzz_target.h"

namespace ppinfer {
namespace {

void check_sniffing(Bytes bytes) {
  const Bytes start{bytes.data(), std::min(bytes.size(), kSniffBytes)};
  const ImageKind kind = sniff(bytes);
  require(kind == sniff(start), "a file's start tells its kind", to_string(kind));
  require(is_image(bytes) == is_image(start), "a file's start tells whether it is an image", describe_other(bytes));
  if (kind == ImageKind::kOther) require_line(describe_other(bytes), "another kind is described in a line");
}

}  // namespace
}  // namespace ppinfer

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t count) {
  using namespace ppinfer;
  const Bytes bytes{data, count};
  check_sniffing(bytes);
  const Orientation orientation = exif_orientation(bytes);
  require(orientation >= 1 && orientation <= 8, "an orientation is one of eight");
  try {
    check_tiff_directory(bytes);
  } catch (const ImageFailure& failure) {
    require_line(failure.what(), "a bad directory has a reason of one line");
  }
  try {
    DecodeOptions options;
    options.max_pixels = 1;
    RgbImage image;
    Decoder(options).decode({bytes}, image);
  } catch (const ImageFailure& failure) {
    require_line(failure.what(), "a bad image has a reason of one line");
    require(failure.stage() == Stage::kDecode, "bytes fail in decoding", failure.what());
  }
  return 0;
}
