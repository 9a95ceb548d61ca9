// LZW as GIF has it: codes of growing width, lowest bit first.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "ppinfer/span.h"

namespace ppinfer {

class GifLzw {
 public:
  static constexpr int kMostCodeBits = 12;

  enum class State {
    kOpen,     // wants more bytes
    kEnded,    // met the code that ends the data
    kFull,     // `out` is full; the rest of the data is not read
    kCorrupt,  // a code without a meaning
  };

  // `minimum_bits`: 1 to 11, of the codes that stand for themselves. `out`, of a byte or more, is filled in order.
  GifLzw(int minimum_bits, Span<std::uint8_t> out);

  State read(Span<const std::uint8_t> bytes);  // the next ones

 private:
  void clear();
  State take(int code);

  const int minimum_bits_;
  const int clear_code_;
  Span<std::uint8_t> out_;
  std::size_t written_ = 0;
  State state_ = State::kOpen;

  std::uint32_t bits_ = 0;  // read and not yet used
  int bit_count_ = 0;
  int code_bits_ = 0;
  int next_code_ = 0;  // that a string will get
  int previous_ = -1;  // code; -1 after a clear
  // The string of a code: that of its prefix, then its last byte.
  std::array<std::uint16_t, 1 << kMostCodeBits> prefix_{};
  std::array<std::uint16_t, 1 << kMostCodeBits> length_{};
  std::array<std::uint8_t, 1 << kMostCodeBits> first_{};
  std::array<std::uint8_t, 1 << kMostCodeBits> last_{};
};

}  // namespace ppinfer
