#include "decode/bmp_runs.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "decode/fail.h"

namespace ppinfer {
namespace {

class Reader {
 public:
  explicit Reader(Span<const std::uint8_t> unread) : unread_(unread) {}

  Span<const std::uint8_t> take(std::size_t count) {
    if (count > unread_.size()) fail("truncated BMP: the file ends early");
    const Span<const std::uint8_t> taken{unread_.data(), count};
    unread_ = {unread_.data() + count, unread_.size() - count};
    return taken;
  }

 private:
  Span<const std::uint8_t> unread_;
};

// Where the next pixel goes. A full row is left only with the next pixel, or with the code that ends a row: writers
// put that after it or leave it out.
class Pen {
 public:
  Pen(const BmpPalette& palette, Size size_px, const std::function<std::uint8_t*(int)>& row)
      : palette_(palette), size_px_(size_px), row_(row) {}

  bool is_done() const { return y_ >= size_px_.height || (y_ == size_px_.height - 1 && x_ == size_px_.width); }

  void begin_run(int length_px) {
    if (x_ == size_px_.width) end_row();
    if (y_ >= size_px_.height || length_px > size_px_.width - x_) fail("corrupt BMP: a run is longer than its row");
    rgb_ = row_(y_) + 3 * static_cast<std::size_t>(x_);
    x_ += length_px;
  }

  void put(int index) {
    std::copy_n(palette_[static_cast<std::size_t>(index)].data(), 3, rgb_);
    rgb_ += 3;
  }

  void end_row() {
    skip(size_px_.width - x_);
    x_ = 0;
    ++y_;
  }

  // Right, then by whole rows, in the order of the pixels.
  void move(int right_px, int rows) {
    for (std::int64_t left = right_px + std::int64_t{rows} * size_px_.width; left > 0;) {
      if (is_done()) fail("corrupt BMP: a step leads out of the picture");
      if (x_ == size_px_.width) end_row();
      const int part_px = static_cast<int>(std::min<std::int64_t>(left, size_px_.width - x_));
      skip(part_px);
      left -= part_px;
    }
  }

  // Pixels that a writer leaves out are its first color's; whole rows are left out by damage alone.
  void end_picture() {
    if (y_ < size_px_.height - 1) fail("corrupt BMP: its runs end before its last row");
    while (y_ < size_px_.height) end_row();
  }

 private:
  void skip(int count_px) {
    if (count_px == 0) return;
    begin_run(count_px);
    for (; count_px > 0; --count_px) put(0);
  }

  const BmpPalette& palette_;
  Size size_px_;
  const std::function<std::uint8_t*(int)>& row_;
  int x_ = 0, y_ = 0;
  std::uint8_t* rgb_ = nullptr;
};

// `colors` holds two pixels a byte, the left one in the high bits, or one.
int index_of(Span<const std::uint8_t> colors, int pixel, bool has_4_bits) {
  if (!has_4_bits) return colors[static_cast<std::size_t>(pixel)];
  const int pair = colors[static_cast<std::size_t>(pixel / 2)];
  return pixel % 2 == 0 ? pair >> 4 : pair & 15;
}

}  // namespace

void read_bmp_runs(Span<const std::uint8_t> data, bool has_4_bits, const BmpPalette& palette, Size size_px,
                   const std::function<std::uint8_t*(int)>& row) {
  enum Escape { kEndOfRow, kEndOfPicture, kMove };
  Reader reader(data);
  Pen pen(palette, size_px, row);
  while (!pen.is_done()) {
    const Span<const std::uint8_t> code = reader.take(2);
    const int count = code[0], second = code[1];
    if (count > 0) {  // one byte again and again
      pen.begin_run(count);
      const Span<const std::uint8_t> colors{&code[1], 1};
      for (int pixel = 0; pixel < count; ++pixel) pen.put(index_of(colors, has_4_bits ? pixel % 2 : 0, has_4_bits));
    } else if (second == kEndOfRow) {
      pen.end_row();
    } else if (second == kEndOfPicture) {
      pen.end_picture();
    } else if (second == kMove) {
      const Span<const std::uint8_t> step = reader.take(2);
      pen.move(step[0], step[1]);
    } else {  // pixels as they are, filled up to 16 bits
      const auto pixel_bytes = static_cast<std::size_t>(has_4_bits ? (second + 1) / 2 : second);
      const Span<const std::uint8_t> colors = reader.take(pixel_bytes + pixel_bytes % 2);
      pen.begin_run(second);
      for (int pixel = 0; pixel < second; ++pixel) pen.put(index_of(colors, pixel, has_4_bits));
    }
  }
}

}  // namespace ppinfer
