// A hash that is the same in every process, on every machine and in every version.
#pragma once

#include <cstdint>
#include <string_view>

namespace ppinfer {

// FNV-1a of 64 bits, then MurmurHash3's finaliser: FNV's lowest bits alone are too regular to share inputs out by.
inline std::uint64_t stable_hash(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : bytes) {
    hash ^= static_cast<unsigned char>(byte);
    hash *= 0x100000001b3;
  }
  hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
  hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53;
  return hash ^ (hash >> 33);
}

}  // namespace ppinfer
