#include "core/batch_tensor.h"

#include <cstring>

#include "core/checked_math.h"

namespace ppinfer {

namespace {
constexpr std::size_t kAlignment = 64;  // a cache line, and the widest SIMD register
}

BatchTensor::BatchTensor(int capacity, Size size_px, int channels)
    : capacity_(capacity),
      size_px_(size_px),
      channels_(channels),
      slot_values_(checked_multiply(
          static_cast<std::size_t>(channels),
          checked_multiply(static_cast<std::size_t>(size_px.height), static_cast<std::size_t>(size_px.width)))) {
  const std::size_t values = checked_multiply(static_cast<std::size_t>(capacity), slot_values_);
  const std::size_t bytes = (checked_multiply(values, sizeof(float)) + kAlignment - 1) / kAlignment * kAlignment;
  values_.reset(static_cast<float*>(std::aligned_alloc(kAlignment, bytes)));
  if (!values_) throw Error("not enough memory for a batch of " + std::to_string(bytes) + " bytes");
  std::memset(values_.get(), 0, bytes);
}

}  // namespace ppinfer
