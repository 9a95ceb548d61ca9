// A borrowed, contiguous run of values (std::span is C++20).
#pragma once

#include <cstddef>
#include <type_traits>
#include <vector>

namespace [[gnu::visibility("default")]] ppinfer {

template <class T>
class Span {
 public:
  Span() = default;
  Span(T* data, std::size_t size) : data_(data), size_(size) {}
  Span(const std::vector<std::remove_const_t<T>>& values) : data_(values.data()), size_(values.size()) {}

  T* data() const { return data_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T* begin() const { return data_; }
  T* end() const { return data_ + size_; }
  T& operator[](std::size_t index) const { return data_[index]; }

 private:
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace ppinfer
