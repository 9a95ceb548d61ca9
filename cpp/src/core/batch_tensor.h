// The memory that preprocessing fills and an engine reads: float32 [batch, channels, height,
// width]. A fourth channel is for the alignment of some models: it stays zero.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>

#include "ppinfer/types.h"

namespace [[gnu::visibility("default")]] ppinfer {

enum class MemoryPlace { kHost, kDevice };

class BatchTensor {
 public:
  BatchTensor(int capacity, Size size_px, int channels = 3);  // throws Error when the size overflows or memory is short

  float* slot(int index) { return values_.get() + static_cast<std::size_t>(index) * slot_values_; }  // CHW of one image
  const float* values() const { return values_.get(); }
  float* values() { return values_.get(); }
  int capacity() const { return capacity_; }
  Size size_px() const { return size_px_; }
  int channels() const { return channels_; }
  std::size_t slot_values() const { return slot_values_; }  // channels * height * width

 private:
  struct Free {
    void operator()(float* memory) const { std::free(memory); }
  };
  int capacity_;
  Size size_px_;
  int channels_;
  std::size_t slot_values_;
  std::unique_ptr<float[], Free> values_;  // 64-byte aligned, zeroed
};

}  // namespace ppinfer
