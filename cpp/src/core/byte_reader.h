// Numbers out of untrusted bytes, every read checked against their end.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>

#include "ppinfer/span.h"

namespace ppinfer {

enum class ByteOrder { kLittle, kBig };

class ByteReader {
 public:
  ByteReader(Span<const std::uint8_t> bytes, ByteOrder order) : bytes_(bytes), order_(order) {}

  // The unsigned number of `width_bytes` (1 to 8) at `offset`; nothing when it doesn't lie wholly within the bytes.
  std::optional<std::uint64_t> number(std::uint64_t offset, int width_bytes) const {
    if (!holds(offset, static_cast<std::uint64_t>(width_bytes))) return std::nullopt;
    std::uint64_t value = 0;
    for (int index = 0; index < width_bytes; ++index) {
      const int from_first = order_ == ByteOrder::kBig ? index : width_bytes - 1 - index;
      value = value << 8 | bytes_[offset + static_cast<std::uint64_t>(from_first)];
    }
    return value;
  }

  bool holds(std::uint64_t offset, std::uint64_t count) const {
    return offset <= bytes_.size() && count <= bytes_.size() - offset;
  }

  // `text` without its terminating zero.
  bool holds_text(std::uint64_t offset, const char* text) const {
    const std::size_t length = std::strlen(text);
    return holds(offset, length) && std::memcmp(bytes_.data() + offset, text, length) == 0;
  }

  Span<const std::uint8_t> from(std::uint64_t offset) const {  // to the end; empty when offset is past it
    if (offset >= bytes_.size()) return {};
    return {bytes_.data() + offset, bytes_.size() - static_cast<std::size_t>(offset)};
  }

 private:
  Span<const std::uint8_t> bytes_;
  ByteOrder order_;
};

}  // namespace ppinfer
