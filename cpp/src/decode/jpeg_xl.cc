#include "decode/jpeg_xl.h"

#include <cstddef>
#include <memory>
#include <new>

#include "decode/fail.h"
#include "decode/optional_library.h"
#include "decode/pixel_cap.h"

namespace ppinfer {
namespace {

struct Codec;

struct PixelFormat {
  std::uint32_t channels;
  int sample_type;
  int endianness;
  std::size_t row_alignment;
};

struct BasicInfo {
  int has_container;
  std::uint32_t width_px, height_px;
  std::uint32_t bits_per_sample, exponent_bits;
  float intensity_target, min_nits;
  int is_relative_to_display;
  float linear_below;
  int uses_original_profile, has_preview, has_animation;
  int orientation;           // as EXIF's
  std::uint8_t others[256];  // members that aren't read
};

enum Status : int {
  kNeedMoreInput = 2,
  kNeedOutputBuffer = 5,
  kHasBasicInfo = 0x40,
  kHasFullImage = 0x1000,
};

struct Libjxl {
  // Each release since 0.7 has these functions in the same form.
  OptionalLibrary file{
      {"libjxl.so.0.12", "libjxl.so.0.11", "libjxl.so.0.10", "libjxl.so.0.9", "libjxl.so.0.8", "libjxl.so.0.7"},
      "JPEG XL needs libjxl",
      "libjxl0.11, libjxl0.10 or libjxl0.7"};
  Codec* (*create)(const void*);
  void (*destroy)(Codec*);
  int (*subscribe)(Codec*, int);
  int (*keep_orientation)(Codec*, int);
  int (*set_input)(Codec*, const std::uint8_t*, std::size_t);
  int (*process)(Codec*);
  int (*basic_info)(const Codec*, BasicInfo*);
  int (*output_bytes)(const Codec*, const PixelFormat*, std::size_t*);
  int (*set_output)(Codec*, const PixelFormat*, void*, std::size_t);

  Libjxl() {
    file.find("JxlDecoderCreate", create);
    file.find("JxlDecoderDestroy", destroy);
    file.find("JxlDecoderSubscribeEvents", subscribe);
    file.find("JxlDecoderSetKeepOrientation", keep_orientation);
    file.find("JxlDecoderSetInput", set_input);
    file.find("JxlDecoderProcessInput", process);
    file.find("JxlDecoderGetBasicInfo", basic_info);
    file.find("JxlDecoderImageOutBufferSize", output_bytes);
    file.find("JxlDecoderSetImageOutBuffer", set_output);
  }
};

}  // namespace

Orientation decode_jpeg_xl(Span<const std::uint8_t> bytes, std::int64_t max_pixels, RgbImage& image) {
  constexpr int kBytes = 2, kNativeEndian = 0;
  constexpr PixelFormat kRgb{3, kBytes, kNativeEndian, 0};
  const Libjxl& libjxl = loaded<Libjxl>();
  const std::unique_ptr<Codec, void (*)(Codec*)> codec(libjxl.create(nullptr), libjxl.destroy);
  if (codec == nullptr) throw std::bad_alloc();
  const auto require = [](int status) {
    if (status != 0) fail("corrupt JPEG XL");
  };
  require(libjxl.subscribe(codec.get(), kHasBasicInfo | kHasFullImage));
  require(libjxl.keep_orientation(codec.get(), 1));
  require(libjxl.set_input(codec.get(), bytes.data(), bytes.size()));
  BasicInfo info{};
  for (;;) {
    const int status = libjxl.process(codec.get());
    if (status == kHasFullImage) return info.orientation;
    if (status == kHasBasicInfo) {
      require(libjxl.basic_info(codec.get(), &info));
      allocate(image, checked_size(info.width_px, info.height_px, max_pixels));
      // It works in float, and doesn't tell a lack of memory from a damaged file.
      require_memory(4 * image.pixels.size());
    } else if (status == kNeedOutputBuffer) {
      std::size_t needed_bytes = 0;
      require(libjxl.output_bytes(codec.get(), &kRgb, &needed_bytes));
      if (needed_bytes != image.pixels.size()) fail("corrupt JPEG XL: its frame has another size than its header says");
      require(libjxl.set_output(codec.get(), &kRgb, image.pixels.data(), needed_bytes));
    } else {
      fail(status == kNeedMoreInput ? "truncated JPEG XL: the file ends early" : "corrupt JPEG XL");
    }
  }
}

}  // namespace ppinfer
