#include "decode/lzw.h"

#include <algorithm>

namespace ppinfer {

GifLzw::GifLzw(int minimum_bits, Span<std::uint8_t> out)
    : minimum_bits_(minimum_bits), clear_code_(1 << minimum_bits), out_(out) {
  for (int code = 0; code < clear_code_; ++code) {
    const auto index = static_cast<std::size_t>(code);
    first_[index] = last_[index] = static_cast<std::uint8_t>(code);
    length_[index] = 1;
  }
  clear();
}

void GifLzw::clear() {
  code_bits_ = minimum_bits_ + 1;
  next_code_ = clear_code_ + 2;
  previous_ = -1;
}

GifLzw::State GifLzw::read(Span<const std::uint8_t> bytes) {
  for (const std::uint8_t byte : bytes) {
    bits_ |= static_cast<std::uint32_t>(byte) << bit_count_;
    bit_count_ += 8;
    while (state_ == State::kOpen && bit_count_ >= code_bits_) {
      const auto code = static_cast<int>(bits_ & ((std::uint32_t{1} << code_bits_) - 1));
      bits_ >>= code_bits_;
      bit_count_ -= code_bits_;
      state_ = take(code);
    }
    if (state_ != State::kOpen) break;
  }
  return state_;
}

GifLzw::State GifLzw::take(int code) {
  if (code == clear_code_) {
    clear();
    return State::kOpen;
  }
  if (code == clear_code_ + 1) return State::kEnded;
  // A palette has 256 colors at most.
  if (code < clear_code_ && code > 0xff) return State::kCorrupt;
  const bool has_room = next_code_ < 1 << kMostCodeBits;
  // The one code that may be ahead of the table is the one that this step adds.
  const bool is_known = code < clear_code_ || code < next_code_ || (code == next_code_ && previous_ >= 0 && has_room);
  if (!is_known) return State::kCorrupt;

  if (previous_ >= 0 && has_room) {
    const auto added = static_cast<std::size_t>(next_code_), before = static_cast<std::size_t>(previous_);
    prefix_[added] = static_cast<std::uint16_t>(previous_);
    length_[added] = static_cast<std::uint16_t>(length_[before] + 1);
    first_[added] = first_[before];
    last_[added] = first_[code == next_code_ ? before : static_cast<std::size_t>(code)];
    ++next_code_;
    if (next_code_ == 1 << code_bits_ && code_bits_ < kMostCodeBits) ++code_bits_;
  }
  previous_ = code;

  // Written from its end; what is beyond the picture is left out.
  auto at = static_cast<std::size_t>(code);
  const std::size_t end = written_ + length_[at];
  for (std::size_t place = end; place > written_; at = prefix_[at]) {
    --place;
    if (place < out_.size()) out_[place] = last_[at];
  }
  written_ = std::min(end, out_.size());
  return written_ == out_.size() ? State::kFull : State::kOpen;
}

}  // namespace ppinfer
