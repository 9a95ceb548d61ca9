// float32 values that fp16 can hold, for models with such an input.
#pragma once

#include <cstddef>

namespace ppinfer {

// Each value becomes the nearest fp16, halves to even; beyond 65504 (and from 65520 on) it becomes infinite.
void round_to_fp16(float* values, std::size_t count);

}  // namespace ppinfer
