#include "decode/pnm.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "core/ascii.h"
#include "decode/fail.h"
#include "decode/pixel_cap.h"

namespace ppinfer {
namespace {

[[noreturn]] void fail_at_end() { fail("truncated PNM: the file ends early"); }

// The numbers of a header or of a plain picture, with space and comments around them.
class Text {
 public:
  explicit Text(Span<const std::uint8_t> bytes) : bytes_(bytes) {}

  std::uint64_t number() {
    skip_space();
    constexpr std::uint64_t kMost = std::uint64_t{1} << 32;
    std::uint64_t value = 0;
    const std::size_t begin = at_;
    while (at_ < bytes_.size() && is_digit(letter())) {
      value = std::min(kMost, 10 * value + static_cast<std::uint64_t>(letter() - '0'));
      ++at_;
    }
    if (at_ == begin) at_ == bytes_.size() ? fail_at_end() : fail("corrupt PNM: a letter where a number is due");
    return value;
  }

  std::uint64_t bit() {  // bits may stand without space between them
    skip_space();
    if (at_ == bytes_.size()) fail_at_end();
    const char bit = letter();
    ++at_;
    if (bit != '0' && bit != '1') fail("corrupt PNM: a letter where a 0 or 1 is due");
    return bit == '1' ? 1 : 0;
  }

  // What follows the header, which one space ends.
  Span<const std::uint8_t> rest() const {
    if (at_ < bytes_.size() && !is_space(letter())) fail("corrupt PNM: a letter where its header ends");
    const std::size_t begin = std::min(bytes_.size(), at_ + 1);
    return {bytes_.data() + begin, bytes_.size() - begin};
  }

 private:
  char letter() const { return static_cast<char>(bytes_[at_]); }

  void skip_space() {
    for (; at_ < bytes_.size(); ++at_) {
      if (letter() == '#') {
        while (at_ < bytes_.size() && letter() != '\n' && letter() != '\r') ++at_;
        if (at_ == bytes_.size()) return;
      } else if (!is_space(letter())) {
        return;
      }
    }
  }

  Span<const std::uint8_t> bytes_;
  std::size_t at_ = 2;  // behind the mark
};

// `next` gives the samples in the file's order.
template <class Next>
void fill(RgbImage& image, int channels, const std::vector<std::uint8_t>& levels, const Next& next) {
  const auto level = [&] { return levels[std::min<std::size_t>(next(), levels.size() - 1)]; };
  for (std::size_t at = 0; at < image.pixels.size(); at += 3) {
    image.pixels[at] = level();
    image.pixels[at + 1] = channels == 3 ? level() : image.pixels[at];
    image.pixels[at + 2] = channels == 3 ? level() : image.pixels[at];
  }
}

void fill_by_raw_bits(RgbImage& image, Span<const std::uint8_t> raw, const std::vector<std::uint8_t>& levels) {
  const std::size_t width = static_cast<std::size_t>(image.size_px.width), row_bytes = (width + 7) / 8;
  if (raw.size() / row_bytes < static_cast<std::size_t>(image.size_px.height)) fail_at_end();
  std::size_t pixel = 0;
  fill(image, 1, levels, [&] {
    const std::size_t x = pixel % width, y = pixel / width;
    ++pixel;
    return std::size_t{raw[y * row_bytes + x / 8]} >> (7 - x % 8) & 1;
  });
}

}  // namespace

void decode_pnm(Span<const std::uint8_t> bytes, std::int64_t max_pixels, RgbImage& image) {
  const char mark = static_cast<char>(bytes[1]);  // '1' to '6', see sniff()
  const bool is_plain = mark <= '3', is_bits = mark == '1' || mark == '4';
  const int channels = mark == '3' || mark == '6' ? 3 : 1;
  Text text(bytes);
  const std::uint64_t width = text.number(), height = text.number();
  const std::uint64_t top = is_bits ? 1 : text.number();
  if (top == 0 || top > 0xffff) fail("corrupt PNM: its greatest value is " + std::to_string(top));
  const Size size_px = checked_size(width, height, max_pixels);
  const std::uint64_t samples = width * height * static_cast<std::uint64_t>(channels);
  const std::uint64_t sample_bytes = is_plain || top < 256 ? 1 : 2;
  // Before memory is taken for pixels that the file can't hold. Plain samples take a byte, too, at least.
  if (text.rest().size() < (is_bits && !is_plain ? samples / 8 : samples * sample_bytes)) fail_at_end();
  std::vector<std::uint8_t> levels(static_cast<std::size_t>(top) + 1);
  for (std::size_t value = 0; value <= top; ++value) {
    levels[value] =
        static_cast<std::uint8_t>(std::nearbyint(static_cast<double>(value) / static_cast<double>(top) * 255));
  }
  if (is_bits) levels = {255, 0};  // 1 is black
  allocate(image, size_px);
  const Span<const std::uint8_t> raw = text.rest();
  std::size_t at = 0;
  if (is_plain) {
    fill(image, channels, levels, [&] { return static_cast<std::size_t>(is_bits ? text.bit() : text.number()); });
  } else if (is_bits) {
    fill_by_raw_bits(image, raw, levels);
  } else if (sample_bytes == 1) {
    fill(image, channels, levels, [&] { return std::size_t{raw[at++]}; });
  } else {
    fill(image, channels, levels, [&] {
      at += 2;
      return std::size_t{raw[at - 2]} << 8 | raw[at - 1];
    });
  }
}

}  // namespace ppinfer
