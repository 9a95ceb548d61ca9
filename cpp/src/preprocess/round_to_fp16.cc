#include "preprocess/round_to_fp16.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

namespace ppinfer {
namespace {

float rounded(float value) {
  constexpr float kLeastNormal = 0x1p-14F, kLeastInfinite = 65520;
  const float magnitude = std::fabs(value);
  // float32 has steps of 2^-24 from 0.5 on, as fp16 has below its normal numbers.
  if (magnitude < kLeastNormal) return std::copysign((magnitude + 0.5F) - 0.5F, value);
  if (magnitude >= kLeastInfinite) return std::copysign(std::numeric_limits<float>::infinity(), value);
  std::uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  constexpr int kDroppedBits = 13;  // 23 - 10
  bits += (1U << (kDroppedBits - 1)) - 1 + (bits >> kDroppedBits & 1U);
  bits &= ~((1U << kDroppedBits) - 1);
  std::memcpy(&value, &bits, sizeof(bits));
  return value;
}

}  // namespace

void round_to_fp16(float* values, std::size_t count) {
  for (std::size_t index = 0; index < count; ++index) values[index] = rounded(values[index]);
}

}  // namespace ppinfer
