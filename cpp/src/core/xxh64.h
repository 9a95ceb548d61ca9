// XXH64: a hash of many bytes at about the speed at which memory gives them. No defence against an adversary.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace ppinfer {

// As https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md has it, on little-endian CPUs. A part after another
// can be hashed with the hash of that one as its seed.
class Xxh64 {
 public:
  static std::uint64_t of(std::string_view bytes, std::uint64_t seed = 0) {
    const std::size_t length = bytes.size();
    std::uint64_t hash = length >= kStripe ? stripes(bytes, seed) : seed + kPrime5;
    hash += length;
    for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
      hash = rotated(hash ^ round(0, read<std::uint64_t>(bytes.data())), 27) * kPrime1 + kPrime4;
    }
    if (bytes.size() >= 4) {
      hash = rotated(hash ^ (read<std::uint32_t>(bytes.data()) * kPrime1), 23) * kPrime2 + kPrime3;
      bytes.remove_prefix(4);
    }
    for (const char byte : bytes) {
      hash = rotated(hash ^ (static_cast<unsigned char>(byte) * kPrime5), 11) * kPrime1;
    }
    hash = (hash ^ (hash >> 33)) * kPrime2;
    hash = (hash ^ (hash >> 29)) * kPrime3;
    return hash ^ (hash >> 32);
  }

 private:
  static constexpr std::size_t kStripe = 32;
  static constexpr std::uint64_t kPrime1 = 0x9E3779B185EBCA87;
  static constexpr std::uint64_t kPrime2 = 0xC2B2AE3D27D4EB4F;
  static constexpr std::uint64_t kPrime3 = 0x165667B19E3779F9;
  static constexpr std::uint64_t kPrime4 = 0x85EBCA77C2B2AE63;
  static constexpr std::uint64_t kPrime5 = 0x27D4EB2F165667C5;

  template <class Number>
  static Number read(const char* bytes) {
    Number number;
    std::memcpy(&number, bytes, sizeof(number));
    return number;
  }

  static std::uint64_t rotated(std::uint64_t value, int bits) { return (value << bits) | (value >> (64 - bits)); }

  static std::uint64_t round(std::uint64_t lane, std::uint64_t input) {
    return rotated(lane + input * kPrime2, 31) * kPrime1;
  }

  // Four independent sums, each over every fourth 8 bytes, which a CPU computes at the same time.
  static std::uint64_t stripes(std::string_view& bytes, std::uint64_t seed) {
    std::uint64_t lanes[] = {seed + kPrime1 + kPrime2, seed + kPrime2, seed, seed - kPrime1};
    for (; bytes.size() >= kStripe; bytes.remove_prefix(kStripe)) {
      for (std::size_t lane = 0; lane < 4; ++lane) {
        lanes[lane] = round(lanes[lane], read<std::uint64_t>(bytes.data() + 8 * lane));
      }
    }
    std::uint64_t hash = rotated(lanes[0], 1) + rotated(lanes[1], 7) + rotated(lanes[2], 12) + rotated(lanes[3], 18);
    for (const std::uint64_t lane : lanes) hash = (hash ^ round(0, lane)) * kPrime1 + kPrime4;
    return hash;
  }
};

}  // namespace ppinfer
