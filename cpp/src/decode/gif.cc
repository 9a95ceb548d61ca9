#include "decode/gif.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "core/byte_reader.h"
#include "decode/fail.h"
#include "decode/lzw.h"
#include "decode/pixel_cap.h"

namespace ppinfer {
namespace {

class Stream {
 public:
  explicit Stream(Span<const std::uint8_t> bytes) : reader_(bytes, ByteOrder::kLittle), bytes_(bytes) {}

  bool at_end() const { return position_ == bytes_.size(); }
  std::size_t left() const { return bytes_.size() - position_; }

  int number(int width_bytes) {
    const Span<const std::uint8_t> part = take(static_cast<std::size_t>(width_bytes));
    return static_cast<int>(*ByteReader(part, ByteOrder::kLittle).number(0, width_bytes));
  }

  Span<const std::uint8_t> take(std::size_t count) {
    if (!reader_.holds(position_, count)) fail("truncated GIF: the file ends early");
    position_ += count;
    return {bytes_.data() + position_ - count, count};
  }

  Span<const std::uint8_t> block() { return take(static_cast<std::size_t>(number(1))); }  // empty: the last

  std::size_t skip_blocks() {  // returns the bytes in them
    std::size_t count = 0;
    for (std::size_t got = 1; got > 0; count += got) got = block().size();
    return count;
  }

 private:
  ByteReader reader_;
  Span<const std::uint8_t> bytes_;
  std::size_t position_ = 0;
};

struct Palette {
  Span<const std::uint8_t> rgb;  // 3 bytes a color; empty: the file brings none

  std::size_t colors() const { return rgb.size() / 3; }
};

Palette read_palette(Stream& stream, int flags) {
  constexpr int kHasPalette = 0x80;
  if ((flags & kHasPalette) == 0) return {};
  return {stream.take(std::size_t{3} << ((flags & 7) + 1))};
}

// Of a file that brings none, as OpenCV has it: black, white, then grays.
Palette default_palette() {
  static const auto grays = [] {
    std::array<std::uint8_t, 768> levels{};
    for (std::size_t index = 0; index < levels.size(); ++index) levels[index] = static_cast<std::uint8_t>(index / 3);
    std::fill_n(levels.begin() + 3, 3, std::uint8_t{255});
    return levels;
  }();
  return {{grays.data(), grays.size()}};
}

struct Screen {
  Size size_px;
  Palette palette;
  int background = 0;
};

Screen read_screen(Stream& stream) {
  stream.take(6);  // "GIF89a"
  Screen screen;
  screen.size_px.width = stream.number(2);
  screen.size_px.height = stream.number(2);
  const int flags = stream.number(1);
  screen.background = stream.number(1);
  stream.number(1);  // aspect ratio
  screen.palette = read_palette(stream, flags);
  return screen;
}

struct Picture {
  Region place;  // on the canvas
  bool is_interlaced = false;
  Palette palette;
};

Picture read_picture_header(Stream& stream) {
  Picture picture;
  picture.place.x = stream.number(2);
  picture.place.y = stream.number(2);
  picture.place.width = stream.number(2);
  picture.place.height = stream.number(2);
  const int flags = stream.number(1);
  picture.is_interlaced = (flags & 0x40) != 0;
  picture.palette = read_palette(stream, flags);
  return picture;
}

// Returns the transparent color that the extension sets, else `transparent`; -1 is none.
int read_extension(Stream& stream, int transparent) {
  constexpr int kGraphicControl = 0xf9;
  const int code = stream.number(1);
  const Span<const std::uint8_t> block = stream.block();
  if (code == kGraphicControl && block.size() == 4) transparent = (block[0] & 1) != 0 ? block[3] : -1;
  if (!block.empty()) stream.skip_blocks();
  return transparent;
}

int read_code_bits(Stream& stream) {
  const int minimum_bits = stream.number(1);
  if (minimum_bits < 1 || minimum_bits >= GifLzw::kMostCodeBits) {
    fail("corrupt GIF: codes that begin with " + std::to_string(minimum_bits) + " bits");
  }
  return minimum_bits;
}

// Strings grow to 4094 pixels and their codes to 12 bits: a byte stands for fewer than 4096 pixels.
void require_data(const Region& place, std::size_t data_bytes) {
  const std::size_t area_px = static_cast<std::size_t>(place.width) * static_cast<std::size_t>(place.height);
  if (area_px > 4096 * data_bytes) fail("corrupt GIF: the picture's data end early");
}

// The palette's index of each pixel, rows in the order of the file.
std::vector<std::uint8_t> read_indices(Stream& stream, Size size_px) {
  const int minimum_bits = read_code_bits(stream);
  std::vector<std::uint8_t> indices(static_cast<std::size_t>(size_px.width) * static_cast<std::size_t>(size_px.height));
  GifLzw lzw(minimum_bits, {indices.data(), indices.size()});
  GifLzw::State state = GifLzw::State::kOpen;
  while (state == GifLzw::State::kOpen) {
    const Span<const std::uint8_t> block = stream.block();
    state = block.empty() ? GifLzw::State::kEnded : lzw.read(block);
  }
  if (state == GifLzw::State::kCorrupt) fail("corrupt GIF: the picture's data are invalid");
  if (state == GifLzw::State::kEnded) fail("corrupt GIF: the picture's data end early");
  if (!stream.at_end()) stream.skip_blocks();
  return indices;
}

void draw_row(const std::uint8_t* indices, int width_px, const Palette& palette, int transparent, std::uint8_t* rgb) {
  for (int x = 0; x < width_px; ++x, rgb += 3) {
    if (indices[x] == transparent) continue;
    if (indices[x] >= palette.colors()) fail("corrupt GIF: a pixel's color is not in its palette");
    std::copy_n(palette.rgb.data() + 3 * std::size_t{indices[x]}, 3, rgb);
  }
}

struct RowPass {
  int first, step;
};
constexpr RowPass kInOrder[] = {{0, 1}};
constexpr RowPass kInterlaced[] = {{0, 8}, {4, 8}, {2, 4}, {1, 2}};

void draw(Stream& stream, const Picture& picture, const Palette& palette, int transparent, RgbImage& image) {
  const Region& place = picture.place;
  const std::vector<std::uint8_t> indices = read_indices(stream, {place.width, place.height});
  const std::uint8_t* row = indices.data();
  const auto draw_pass = [&](const RowPass& pass) {
    for (int y = pass.first; y < place.height; y += pass.step, row += place.width) {
      const auto canvas_row = static_cast<std::size_t>(place.y + y) * static_cast<std::size_t>(image.size_px.width);
      draw_row(row, place.width, palette, transparent,
               image.pixels.data() + 3 * (canvas_row + static_cast<std::size_t>(place.x)));
    }
  };
  if (picture.is_interlaced) {
    for (const RowPass& pass : kInterlaced) draw_pass(pass);
  } else {
    draw_pass(kInOrder[0]);
  }
}

// OpenCV's choice, whatever is said of transparency; browsers show the page behind instead.
void fill_canvas(const Screen& screen, RgbImage& image) {
  const auto background = static_cast<std::size_t>(screen.background);
  constexpr std::uint8_t kBlack[3] = {0, 0, 0};
  const std::uint8_t* const color =
      background < screen.palette.colors() ? screen.palette.rgb.data() + 3 * background : kBlack;
  for (std::size_t index = 0; index < image.pixels.size(); index += 3) std::copy_n(color, 3, &image.pixels[index]);
}

void read_first_picture(Stream& stream, const Screen& screen, int transparent, std::int64_t max_pixels,
                        RgbImage& image) {
  const Picture picture = read_picture_header(stream);
  const Region& place = picture.place;
  if (place.width == 0 || place.height == 0) fail("corrupt GIF: its picture has no pixels");
  if (!stream.at_end()) require_data(place, stream.left());
  // Many files have a screen of 0x0, or one smaller than the picture.
  const Size canvas_px{std::max(screen.size_px.width, place.x + place.width),
                       std::max(screen.size_px.height, place.y + place.height)};
  allocate(image, checked_size(static_cast<std::uint64_t>(canvas_px.width),
                               static_cast<std::uint64_t>(canvas_px.height), max_pixels));
  fill_canvas(screen, image);
  Palette palette = picture.palette.colors() != 0 ? picture.palette : screen.palette;
  if (palette.colors() == 0) palette = default_palette();
  draw(stream, picture, palette, transparent, image);
}

// Skips a later picture. Its data must be present; its pixels are not decoded, as in WebP.
void skip_picture(Stream& stream) {
  const Picture picture = read_picture_header(stream);
  read_code_bits(stream);
  require_data(picture.place, stream.skip_blocks());
}

}  // namespace

void decode_gif(Span<const std::uint8_t> bytes, std::int64_t max_pixels, RgbImage& image) {
  constexpr int kPicture = ',', kExtension = '!', kEnd = ';';
  Stream stream(bytes);
  const Screen screen = read_screen(stream);
  int transparent = -1;
  bool is_drawn = false;
  while (!(is_drawn && stream.at_end())) {
    const int record = stream.number(1);
    if (record == kEnd) break;
    if (record == kExtension) {
      transparent = read_extension(stream, transparent);
    } else if (record != kPicture) {
      if (record != 0) fail("corrupt GIF: neither a picture nor an extension where one must be");
    } else if (!is_drawn) {
      read_first_picture(stream, screen, transparent, max_pixels, image);
      is_drawn = true;
    } else {
      skip_picture(stream);
    }
  }
  if (!is_drawn) fail("corrupt GIF: no picture in it");
}

}  // namespace ppinfer
