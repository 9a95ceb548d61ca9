// Arithmetic on sizes that come from untrusted headers.
#pragma once

#include <cstddef>

#include "ppinfer/error.h"

namespace ppinfer {

inline std::size_t checked_multiply(std::size_t a, std::size_t b) {
  std::size_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) throw Error("a size is too large for this machine");
  return product;
}

}  // namespace ppinfer
