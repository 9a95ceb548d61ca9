#include "nodes.h"

#include <algorithm>
#include <cstddef>
#include <openvino/op/convert.hpp>
#include <openvino/op/reshape.hpp>
#include <openvino/op/shape_of.hpp>
#include <openvino/op/slice.hpp>
#include <openvino/op/transpose.hpp>
#include <string>

#include "core/message_text.h"

namespace ppinfer::pir {
namespace {

constexpr std::size_t kSmall = 4096;                          // values
constexpr std::int64_t kMaxConstant = std::int64_t{1} << 26;  // values

bool is_small(const Tensor& tensor) {
  const ov::PartialShape& shape = tensor.get_partial_shape();
  if (shape.is_dynamic()) return false;
  std::size_t values = 1;
  for (const ov::Dimension& side : shape) {
    const auto length = static_cast<std::size_t>(side.get_length());
    if (length != 0 && values > kSmall / length) return false;
    values *= length;
  }
  return true;
}

}  // namespace

Tensors folded(const std::shared_ptr<ov::Node>& node) {
  Tensors outputs = node->outputs();
  const Tensors inputs = node->input_values();
  const auto is_constant = [](const Tensor& input) { return constant_behind(input) != nullptr; };
  const bool is_shape = ov::is_type<ov::op::v3::ShapeOf>(node) && inputs[0].get_partial_shape().is_static();
  const bool of_constants = !inputs.empty() && std::all_of(inputs.begin(), inputs.end(), is_constant) &&
                            std::all_of(inputs.begin(), inputs.end(), is_small);
  if ((!of_constants && !is_shape) || !std::all_of(outputs.begin(), outputs.end(), is_small)) return outputs;
  Tensors constants(outputs.size());
  return node->constant_fold(constants, inputs) ? constants : outputs;
}

std::shared_ptr<ov::op::v0::Constant> constant_behind(const Tensor& tensor) {
  return ov::as_type_ptr<ov::op::v0::Constant>(tensor.get_node_shared_ptr());
}

Tensor integers(const Integers& values) {
  return ov::op::v0::Constant::create(ov::element::i64, ov::Shape{values.size()}, values);
}

Tensor integer(std::int64_t value) {
  return ov::op::v0::Constant::create(ov::element::i64, ov::Shape{}, Integers{value});
}

Tensor scalar(double value, const ov::element::Type& type) {
  return ov::op::v0::Constant::create(type, ov::Shape{}, std::vector<double>{value});
}

Tensor filled(const Integers& shape, double value, const ov::element::Type& type) {
  return ov::op::v0::Constant::create(type, ov::Shape(shape.begin(), shape.end()), std::vector<double>{value});
}

std::int64_t checked_count(const Call& call, const Integers& shape) {
  std::int64_t count = 1;
  for (const std::int64_t side : shape) {
    if (side < 0 || __builtin_mul_overflow(count, side, &count) || count > kMaxConstant) {
      call.fail("a constant's shape has a side of " + std::to_string(side) + ", or too many values");
    }
  }
  return count;
}

Tensor constant_of(const Call& call, const Integers& shape, const Numbers& values, const ov::element::Type& type) {
  const std::int64_t count = checked_count(call, shape);
  if (values.size() != 1 && static_cast<std::int64_t>(values.size()) != count) {
    call.fail("has " + std::to_string(values.size()) + " values for a shape of " + std::to_string(count));
  }
  const ov::Shape sides(shape.begin(), shape.end());
  if (type.is_real()) {
    std::vector<double> reals;
    for (const Number& value : values) reals.push_back(value.real);
    return ov::op::v0::Constant::create(type, sides, reals);
  }
  Integers whole;
  for (const Number& value : values) whole.push_back(type == ov::element::boolean ? value.real != 0 : value.whole);
  return ov::op::v0::Constant::create(type, sides, whole);
}

Tensor cast(const Tensor& x, const ov::element::Type& type) {
  return x.get_element_type() == type ? x : make<ov::op::v0::Convert>(x, type);
}

// A constant's new shape shares its values.
Tensor reshaped(const Tensor& x, const Integers& sides) {
  const bool is_known = std::all_of(sides.begin(), sides.end(), [](std::int64_t side) { return side >= 0; });
  if (const auto constant = constant_behind(x); constant && is_known) {
    const ov::Shape shape(sides.begin(), sides.end());
    if (ov::shape_size(shape) == ov::shape_size(constant->get_shape())) {
      return std::make_shared<ov::op::v0::Constant>(*constant, shape);
    }
  }
  return make<ov::op::v1::Reshape>(x, integers(sides), false);
}

Tensor transposed(const Tensor& x, const Integers& order) { return make<ov::op::v1::Transpose>(x, integers(order)); }

Tensor shape_tensor(const Tensor& x) { return make<ov::op::v3::ShapeOf>(x, ov::element::i64); }

Tensor sliced(const Tensor& x, std::int64_t axis, std::int64_t begin, std::int64_t end) {
  return make<ov::op::v8::Slice>(x, integers({begin}), integers({end}), integers({1}), integers({axis}));
}

std::int64_t rank_of(const Call& call, const Tensor& x) {
  const ov::Rank rank = x.get_partial_shape().rank();
  if (rank.is_dynamic()) call.unsupported("a tensor whose number of sides is open");
  return rank.get_length();
}

Integers sides_of(const Call& call, const Tensor& x) {
  rank_of(call, x);
  Integers sides;
  for (const ov::Dimension& side : x.get_partial_shape()) sides.push_back(side.is_static() ? side.get_length() : -1);
  return sides;
}

std::int64_t fixed_side(const Call& call, const Tensor& x, std::int64_t axis) {
  const Integers sides = sides_of(call, x);
  const std::int64_t side =
      sides[static_cast<std::size_t>(axis_of(call, axis, static_cast<std::int64_t>(sides.size())))];
  if (side < 0) call.unsupported("an open side at axis " + std::to_string(axis));
  return side;
}

std::int64_t axis_of(const Call& call, std::int64_t axis, std::int64_t rank) {
  if (axis < -rank || axis >= rank) {
    call.fail("axis " + std::to_string(axis) + " is out of range for a " + std::to_string(rank) + "-D tensor");
  }
  return axis < 0 ? axis + rank : axis;
}

void check_groups(const Call& call, std::int64_t groups, std::int64_t channels) {
  if (groups >= 1 && channels % groups == 0) return;
  call.fail("groups (" + std::to_string(groups) + ") do not divide channels (" + std::to_string(channels) + ")");
}

void check_number_of(const Call& call, const char* noun, std::size_t given, std::size_t expected) {
  if (given == expected) return;
  call.fail("expected " + counted(static_cast<std::int64_t>(expected), noun) + ", got " + std::to_string(given));
}

void fail_for_rank(const Call& call, const char* expected, std::int64_t rank) {
  call.fail(std::string("expected ") + expected + ", got " + std::to_string(rank) + "-D");
}

Integers axes_of(const Call& call, const Integers& axes, std::int64_t rank) {
  Integers all;
  for (const std::int64_t axis : axes) all.push_back(axis_of(call, axis, rank));
  return all;
}

Integers counting(std::int64_t begin, std::int64_t end) {
  Integers all;
  for (std::int64_t value = begin; value < end; ++value) all.push_back(value);
  return all;
}

}  // namespace ppinfer::pir
