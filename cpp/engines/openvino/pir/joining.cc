// Lists of tensors: made, taken apart, joined.
#include <openvino/op/ops.hpp>

#include "nodes.h"
#include "translations.h"

namespace ppinfer::pir {
namespace {

namespace op = ov::op;

constexpr std::int64_t kMaxParts = 1 << 14;

std::int64_t axis_given(const Call& call, std::size_t input) {
  const Integers axis = call.has(input) ? call.constant(input) : Integers{call.integer("axis")};
  check_number_of(call, "axis", axis.size(), 1);
  return axis[0];
}

std::vector<Value> combine(const Call& call) { return {call.inputs()}; }

std::vector<Value> taken_apart(const Call& call) {
  std::vector<Value> parts;
  for (const Tensor& part : call.list(0)) parts.emplace_back(part);
  return parts;
}

// In the builtin dialect `slice` picks one of a list; in Paddle's it is a part of a tensor, which has axes.
std::vector<Value> picked(const Call& call) {
  const Tensors list = call.list(0);
  const std::int64_t index = call.integer("index");
  if (index < 0 || index >= static_cast<std::int64_t>(list.size())) {
    call.fail("index " + std::to_string(index) + " is out of range for a list of " + std::to_string(list.size()));
  }
  return {list[static_cast<std::size_t>(index)]};
}

std::vector<Value> concat(const Call& call) {
  Tensors parts = call.list(0);
  for (Tensor& part : parts) part = cast(part, call.result_type());
  const std::int64_t axis = axis_of(call, axis_given(call, 1), rank_of(call, parts[0]));
  return {parts.size() == 1 ? parts[0] : make<op::v0::Concat>(parts, axis)};
}

std::vector<Value> sum_of_several(const Call& call) {
  Tensor sum;
  for (const Tensor& part : call.list(0)) {
    const Tensor value = cast(part, call.result_type());
    sum = sum.get_node() == nullptr ? value : make<op::v1::Add>(sum, value);
  }
  return {sum};
}

std::vector<Value> stack(const Call& call) {
  Tensors parts = call.list(0);
  const std::int64_t axis = axis_of(call, call.integer("axis"), rank_of(call, parts[0]) + 1);
  for (Tensor& part : parts) part = make<op::v0::Unsqueeze>(part, integers({axis}));
  return {parts.size() == 1 ? parts[0] : make<op::v0::Concat>(parts, axis)};
}

std::int64_t checked_parts(const Call& call, std::int64_t parts) {
  if (parts < 1 || parts > kMaxParts) {
    call.fail("expected 1 to " + std::to_string(kMaxParts) + " parts, got " + std::to_string(parts));
  }
  return parts;
}

std::vector<Value> split(const Call& call) {
  const std::int64_t axis = axis_of(call, axis_given(call, 2), rank_of(call, call.x()));
  const Integers lengths = call.constant(1);
  checked_parts(call, static_cast<std::int64_t>(lengths.size()));
  return {make_all<op::v1::VariadicSplit>(call.x(), integer(axis), integers(lengths))};
}

Tensors equal_parts(const Call& call, std::int64_t axis, std::int64_t parts) {
  return make_all<op::v1::Split>(call.x(), integer(axis), static_cast<std::size_t>(checked_parts(call, parts)));
}

std::vector<Value> split_into(const Call& call) {
  const std::int64_t axis = axis_of(call, axis_given(call, 1), rank_of(call, call.x()));
  return {equal_parts(call, axis, call.integer("num"))};
}

std::vector<Value> unbind(const Call& call) {
  const std::int64_t axis = axis_of(call, call.integer("axis"), rank_of(call, call.x()));
  Tensors parts = equal_parts(call, axis, fixed_side(call, call.x(), axis));
  for (Tensor& part : parts) part = make<op::v0::Squeeze>(part, integers({axis}));
  return {parts};
}

std::vector<Value> meshgrid(const Call& call) {
  const Tensors lines = call.list(0);
  Tensors lengths;
  for (const Tensor& line : lines) lengths.push_back(shape_tensor(reshaped(line, {-1})));
  const Tensor shape = lengths.size() == 1 ? lengths[0] : make<op::v0::Concat>(lengths, 0);
  Tensors grids;
  for (std::size_t axis = 0; axis < lines.size(); ++axis) {
    Integers sides(lines.size(), 1);
    sides[axis] = -1;
    grids.push_back(make<op::v3::Broadcast>(reshaped(lines[axis], sides), shape));
  }
  return {grids};
}

}  // namespace

void add_joining(Translations& all) {
  all["combine"] = combine;
  all["builtin.split"] = taken_apart;
  all["builtin.slice"] = picked;
  all["concat"] = concat;
  all["add_n"] = sum_of_several;
  all["stack"] = stack;
  all["split"] = split;
  all["split_with_num"] = split_into;
  all["unbind"] = all["unstack"] = unbind;
  all["meshgrid"] = meshgrid;
}

}  // namespace ppinfer::pir
