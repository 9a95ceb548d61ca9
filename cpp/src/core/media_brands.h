// The brands in the first box of an ISO media file: what HEIC, AVIF, raw files and videos call themselves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/byte_reader.h"

namespace ppinfer {

// Calls `visit` with the brands of the file that starts with `text`, the main one first, until it returns true. False
// where none does, or it is another kind of file.
template <class Visit>
bool any_brand(std::string_view text, const Visit& visit) {
  if (text.size() < 12 || text.substr(4, 4) != "ftyp") return false;
  const std::uint64_t box_bytes =
      *ByteReader({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, ByteOrder::kBig).number(0, 4);
  const std::string_view box = text.substr(0, static_cast<std::size_t>(box_bytes < 16 ? 12 : box_bytes));
  if (visit(box.substr(8, 4))) return true;
  for (std::size_t at = 16; at + 4 <= box.size(); at += 4) {  // the second number is a version
    if (visit(box.substr(at, 4))) return true;
  }
  return false;
}

}  // namespace ppinfer
