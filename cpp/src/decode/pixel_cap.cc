#include "decode/pixel_cap.h"

#include <string>
#include <vector>

#include "core/checked_math.h"
#include "decode/fail.h"

namespace ppinfer {

Size checked_size(std::uint64_t width_px, std::uint64_t height_px, std::int64_t max_pixels) {
  constexpr std::uint64_t kLongestSidePx = std::uint64_t{1} << 20;  // as OpenCV's: codecs hold whole rows
  const std::string size_text = std::to_string(width_px) + "x" + std::to_string(height_px) + " px";
  if (width_px == 0 || height_px == 0) fail(size_text + ": the image has no pixels");
  if (width_px > kLongestSidePx || height_px > kLongestSidePx) {
    fail(size_text + ": no image is that large; the header is corrupt");
  }
  const std::uint64_t pixels = width_px * height_px;  // below 2^62
  if (max_pixels > 0 && pixels > static_cast<std::uint64_t>(max_pixels)) {
    fail(size_text + " is " + std::to_string(pixels) + " pixels, more than max_pixels " + std::to_string(max_pixels));
  }
  return {static_cast<int>(width_px), static_cast<int>(height_px)};
}

void allocate(RgbImage& image, Size size_px, std::size_t more_bytes) {
  const std::size_t row_bytes = 3 * static_cast<std::size_t>(size_px.width);
  const std::size_t pixel_bytes = checked_multiply(row_bytes, static_cast<std::size_t>(size_px.height));
  image.size_px = size_px;  // set first, because an out-of-memory error after this reports the size
  const std::size_t all_bytes = pixel_bytes + more_bytes;
  if (all_bytes > image.pixels.capacity()) image.pixels = {};  // the old pixels need not be copied
  image.pixels.reserve(all_bytes);
  image.pixels.resize(pixel_bytes);
  image.held = whole(size_px);
}

void require_memory(std::uint64_t bytes) { std::vector<std::uint8_t>().reserve(bytes); }

}  // namespace ppinfer
