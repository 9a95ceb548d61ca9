// OpenVINO's nodes, as the translations make them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <openvino/op/constant.hpp>
#include <utility>
#include <vector>

#include "call.h"

namespace ppinfer::pir {

// Note [Small constants are folded at once]
// Pooling, means, concatenations and splits have their kernel or axes as inputs, which the program computes: of small
// constants, mostly. A node of such constants becomes a constant here, so that translations find the values; and the
// graph stays small (LeViT loads in a thirtieth of the time).
Tensors folded(const std::shared_ptr<ov::Node>& node);

template <class Op, class... Arguments>
Tensor make(Arguments&&... arguments) {
  return folded(std::make_shared<Op>(std::forward<Arguments>(arguments)...)).front();
}
template <class Op, class... Arguments>
Tensors make_all(Arguments&&... arguments) {
  return folded(std::make_shared<Op>(std::forward<Arguments>(arguments)...));
}

template <class Op>  // of one tensor, without attributes
std::vector<Value> unary(const Call& call) {
  return {make<Op>(call.x())};
}

std::shared_ptr<ov::op::v0::Constant> constant_behind(const Tensor& tensor);  // null: it isn't one

Tensor integers(const Integers& values);                     // int64 [n]
Tensor integer(std::int64_t value);                          // int64 []
Tensor scalar(double value, const ov::element::Type& type);  // []
Tensor filled(const Integers& shape, double value, const ov::element::Type& type);

// The values of an attribute, as many as the shape has. Throws ModelError: others, or more than a model holds in text.
Tensor constant_of(const Call& call, const Integers& shape, const Numbers& values, const ov::element::Type& type);

Tensor cast(const Tensor& x, const ov::element::Type& type);  // itself where it has the type
Tensor reshaped(const Tensor& x, const Integers& sides);      // one may be -1; 0 is a side of 0
Tensor transposed(const Tensor& x, const Integers& order);
Tensor shape_tensor(const Tensor& x);  // int64 [rank]
Tensor sliced(const Tensor& x, std::int64_t axis, std::int64_t begin, std::int64_t end);

std::int64_t rank_of(const Call& call, const Tensor& x);
Integers sides_of(const Call& call, const Tensor& x);                           // -1: open
std::int64_t fixed_side(const Call& call, const Tensor& x, std::int64_t axis);  // unsupported where it's open
std::int64_t axis_of(const Call& call, std::int64_t axis, std::int64_t rank);   // counted from the front; checked
Integers axes_of(const Call& call, const Integers& axes, std::int64_t rank);
void check_groups(const Call& call, std::int64_t groups, std::int64_t channels);  // ModelError: they don't divide
Integers counting(std::int64_t begin, std::int64_t end);                          // begin, ..., end - 1

// Throw ModelError: "expected 2 scales, got 3" of the noun "scale"; "expected a 4-D tensor, got 5-D".
void check_number_of(const Call& call, const char* noun, std::size_t given, std::size_t expected);
[[noreturn]] void fail_for_rank(const Call& call, const char* expected, std::int64_t rank);

// The number of values of a shape. Throws ModelError: a side is below 0, or there are more than a model can hold.
std::int64_t checked_count(const Call& call, const Integers& shape);

}  // namespace ppinfer::pir
