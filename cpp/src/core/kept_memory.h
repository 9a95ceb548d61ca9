// What a lane keeps from image to image.
#pragma once

#include <cstddef>
#include <vector>

namespace ppinfer {

// The pixels of 33 megapixels, which most cameras stay below. More is given back after each image, so that a lane's
// memory doesn't stay that of the largest image it has met; taking it anew costs such an image some 5 % of its time.
constexpr std::size_t kMostKeptBytes = std::size_t{96} << 20;

template <class T>
void give_back_if_large(std::vector<T>& memory) {
  if (memory.capacity() > kMostKeptBytes / sizeof(T)) std::vector<T>().swap(memory);
}

}  // namespace ppinfer
