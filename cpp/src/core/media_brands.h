// The brands in the first box of an ISO media file: what HEIC, AVIF, raw files and videos call themselves.
#pragma once

#include <string_view>

#include "core/byte_reader.h"

namespace ppinfer {

// Whether `fits` is true of a brand of the file that starts with `text`; false where it is another kind of file. A precise
// first brand is the only one that counts; a general one ("mif1") is made precise by those that follow.
template <class Fits>
bool any_brand(std::string_view text, const Fits& fits) {
  if (text.size() < 12 || text.substr(4, 4) != "ftyp") return false;
  const std::uint64_t box_bytes =
      *ByteReader({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, ByteOrder::kBig).number(0, 4);
  const std::string_view box = text.substr(0, static_cast<std::size_t>(box_bytes < 16 ? 12 : box_bytes));
  const std::string_view first = box.substr(8, 4);
  if (fits(first)) return true;
  if (first != "mif1" && first != "msf1" && first != "mif2") return false;
  for (std::size_t at = 16; at + 4 <= box.size(); at += 4) {  // the second number is a version
    if (fits(box.substr(at, 4))) return true;
  }
  return false;
}

}  // namespace ppinfer
