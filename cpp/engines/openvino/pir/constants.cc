// Tensors that are made of attributes, or of one number.
#include <openvino/op/ops.hpp>

#include "nodes.h"
#include "translations.h"

namespace ppinfer::pir {
namespace {

namespace op = ov::op;

std::vector<Value> full(const Call& call) {
  const Numbers value = call.numbers("value");
  check_number_of(call, "value", value.size(), 1);
  return {constant_of(call, call.integers("shape"), value, call.result_type())};
}

std::vector<Value> full_int_array(const Call& call) {
  const Numbers values = call.numbers("value");
  if (values.empty()) return {op::v0::Constant::create(call.result_type(), ov::Shape{0}, Integers())};
  return {constant_of(call, {static_cast<std::int64_t>(values.size())}, values, call.result_type())};
}

std::vector<Value> assigned(const Call& call) {
  return {constant_of(call, call.integers("shape"), call.numbers("values"), call.result_type())};
}

Tensor single_in(const Call& call, std::size_t input) { return reshaped(cast(call.in(input), call.result_type()), {}); }

std::vector<Value> full_with_tensor(const Call& call) {
  return {make<op::v3::Broadcast>(single_in(call, 0), call.integers_in(1))};
}

std::vector<Value> full_like(const Call& call) {
  return {make<op::v3::Broadcast>(single_in(call, 1), shape_tensor(call.x()))};
}

// What 1 / x becomes: a shape of its own with x's batch.
std::vector<Value> full_batch_size_like(const Call& call) {
  const Integers shape = call.integers("shape");
  const auto rank = static_cast<std::int64_t>(shape.size());
  const std::int64_t target = axis_of(call, call.integer("output_dim_idx"), rank);
  const std::int64_t source = axis_of(call, call.integer("input_dim_idx"), rank_of(call, call.x()));
  Tensors sides;
  for (std::int64_t axis = 0; axis < rank; ++axis) {
    sides.push_back(axis == target ? sliced(shape_tensor(call.x()), 0, source, source + 1)
                                   : integers({shape[static_cast<std::size_t>(axis)]}));
  }
  const Tensor target_shape = sides.size() == 1 ? sides[0] : make<op::v0::Concat>(sides, 0);
  return {make<op::v3::Broadcast>(constant_of(call, {}, call.numbers("value"), call.result_type()), target_shape)};
}

constexpr double kMaxSteps = 1 << 24;

double single_constant(const Call& call, std::size_t input) {
  const std::vector<double> values = call.constant_reals(input);
  if (values.size() != 1) {
    call.fail("input " + std::to_string(input) + ": expected 1 number, got " + std::to_string(values.size()));
  }
  return values[0];
}

std::vector<Value> arange(const Call& call) {
  if (constant_behind(call.in(0)) && constant_behind(call.in(1)) && constant_behind(call.in(2))) {
    const double start = single_constant(call, 0), end = single_constant(call, 1), step = single_constant(call, 2);
    if (!((end - start) / step <= kMaxSteps)) call.fail("the range has too many steps");
  }
  return {make<op::v4::Range>(single_in(call, 0), single_in(call, 1), single_in(call, 2), call.result_type())};
}

// From both ends to the middle, as Paddle does.
std::vector<Value> linspace(const Call& call) {
  const double start = single_constant(call, 0), end = single_constant(call, 1), count = single_constant(call, 2);
  if (!(count >= 1 && count <= kMaxSteps)) call.fail("count " + std::to_string(count) + " is out of range");
  if (!call.result_type().is_real()) call.unsupported("integers");
  const auto steps = static_cast<std::size_t>(count);
  const auto step = steps == 1 ? 0.0F : static_cast<float>((end - start) / static_cast<double>(steps - 1));
  std::vector<float> values(steps);
  for (std::size_t i = 0; i < steps; ++i) {
    values[i] = i < steps / 2 || steps == 1 ? static_cast<float>(start) + step * static_cast<float>(i)
                                            : static_cast<float>(end) - step * static_cast<float>(steps - i - 1);
  }
  return {op::v0::Constant::create(call.result_type(), ov::Shape{steps}, values)};
}

}  // namespace

void add_constants(Translations& all) {
  all["full"] = full;
  all["full_int_array"] = full_int_array;
  all["assign_value"] = assigned;
  all["full_with_tensor"] = full_with_tensor;
  all["full_like"] = full_like;
  all["full_batch_size_like"] = full_batch_size_like;
  all["arange"] = arange;
  all["linspace"] = linspace;
}

}  // namespace ppinfer::pir
