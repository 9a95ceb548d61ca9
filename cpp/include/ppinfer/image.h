// One input image, as the caller has it: a path, the bytes of an image file, or pixels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ppinfer/result.h"
#include "ppinfer/span.h"
#include "ppinfer/types.h"

namespace [[gnu::visibility("default")]] ppinfer {

// The bytes of an image file, borrowed and unchecked: they may be empty or of another kind.
struct EncodedImage {
  Span<const std::uint8_t> bytes;
};

// Borrowed pixels [height, width, 3] uint8, rows `row_stride_bytes` apart (>= 3 * width).
struct PixelView {
  const std::uint8_t* pixels = nullptr;
  Size size_px;
  std::ptrdiff_t row_stride_bytes = 0;
  ChannelOrder order = ChannelOrder::kRgb;
};

// Pixels [height, width, 3] uint8 RGB, rows without gaps.
struct RgbPixels {
  Size size_px;
  std::vector<std::uint8_t> pixels;
};

// An input that is known to be bad before it is read (an entry point could not use it); it becomes an error Result.
struct UnusableInput {
  std::string reason;
  Stage stage = Stage::kRead;
};

struct ImageInput {
  std::string path;  // reported in the Result; read from disk when `content` holds monostate
  std::variant<std::monostate, EncodedImage, PixelView, UnusableInput> content;
  std::shared_ptr<const void> keep_alive;  // owner of what `content` borrows; released once the Result is made
  std::int64_t size_bytes = -1;            // of the file when it was found; -1: not known
};

// Extensions, in any case, by which files in folders count as images without a check of their content. Supported kinds:
// .jpg .jpeg .jpe .jfif .jif .jpg_large .mpo .png .apng .bmp .dib .webp .tif .tiff .gif .avif .heic .heif .hif .jxl
// .pbm .pgm .ppm .pnm .ico; and of others, whose images become errors that name the kind: .jp2 .j2k .jpf .jpx .psd, and
// raw ones of cameras.
bool has_image_ending(std::string_view name);

}  // namespace ppinfer
