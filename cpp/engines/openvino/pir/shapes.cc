// Other shapes and orders of the same values; parts of a tensor, and copies side by side.
#include <algorithm>
#include <limits>
#include <openvino/op/ops.hpp>

#include "nodes.h"
#include "translations.h"
#include "windows.h"

namespace ppinfer::pir {
namespace {

namespace op = ov::op;

std::vector<Value> shape(const Call& call) { return {cast(shape_tensor(call.x()), call.result_type())}; }

std::vector<Value> number_of_values(const Call& call) {
  return {make<op::v1::ReduceProd>(shape_tensor(call.x()), integers({0}), false)};
}

std::vector<Value> reshape(const Call& call) {  // a 0 keeps the side
  const Tensor sides = call.integers_in(1);
  if (const auto known = constant_behind(sides)) {
    const Integers values = known->cast_vector<std::int64_t>();
    if (std::all_of(values.begin(), values.end(), [](std::int64_t side) { return side > 0; })) {
      return {reshaped(call.x(), values)};
    }
  }
  return {make<op::v1::Reshape>(call.x(), sides, true)};
}

std::vector<Value> transpose(const Call& call) { return {transposed(call.x(), call.integers("perm"))}; }

std::vector<Value> flatten(const Call& call) {
  const Tensor x = call.x();
  const Integers sides = sides_of(call, x);
  const auto rank = static_cast<std::int64_t>(sides.size());
  if (rank == 0) {
    call.ignore({"start_axis", "stop_axis"});
    return {reshaped(x, {1})};
  }
  const std::int64_t first = axis_of(call, call.integer("start_axis"), rank);
  const std::int64_t last = axis_of(call, call.integer("stop_axis"), rank);
  if (first > last) call.fail("start_axis comes after stop_axis");
  Integers target(static_cast<std::size_t>(first), 0);
  target.push_back(-1);
  target.insert(target.end(), sides.begin() + last + 1, sides.end());
  if (std::count(target.begin(), target.end(), -1) == 1) return {make<op::v1::Reshape>(x, integers(target), true)};
  const Tensor all = shape_tensor(x);
  const Tensor open =
      make<op::v0::Concat>(Tensors{sliced(all, 0, 0, first), integers({-1}), sliced(all, 0, last + 1, rank)}, 0);
  return {make<op::v1::Reshape>(x, open, false)};
}

// Of the axes, those of length 1. Without axes: all of these but the batch, which is open.
std::vector<Value> squeeze(const Call& call) {
  const Integers sides = sides_of(call, call.x());
  const auto rank = static_cast<std::int64_t>(sides.size());
  Integers axes = axes_of(call, call.constant(1), rank);
  if (axes.empty()) axes = counting(0, rank);
  Integers single;
  for (const std::int64_t axis : axes) {
    if (sides[static_cast<std::size_t>(axis)] == 1) single.push_back(axis);
  }
  return {single.empty() ? call.x() : make<op::v0::Squeeze>(call.x(), integers(single))};
}

// One axis after the other, each counted among those that are there by then.
std::vector<Value> unsqueeze(const Call& call) {
  Tensor x = call.x();
  for (const std::int64_t axis : call.constant(1)) x = make<op::v0::Unsqueeze>(x, integers({axis}));
  return {x};
}

Tensor without_sides(const Tensor& x, const Integers& axes) {
  return axes.empty() ? x : make<op::v0::Squeeze>(x, integers(axes));
}

std::vector<Value> slice(const Call& call) {
  const Integers axes = call.integers("axes");
  const Tensor part = make<op::v8::Slice>(call.x(), call.integers_in(1), call.integers_in(2),
                                          integers(Integers(axes.size(), 1)), integers(axes));
  return {without_sides(part, call.integers("decrease_axis"))};
}

std::vector<Value> strided_slice(const Call& call) {
  return {make<op::v8::Slice>(call.x(), call.integers_in(1), call.integers_in(2), call.integers_in(3),
                              integers(call.integers("axes")))};
}

std::vector<Value> flip(const Call& call) {
  const Integers axes = axes_of(call, call.integers("axis"), rank_of(call, call.x()));
  const auto each = [&](std::int64_t value) { return integers(Integers(axes.size(), value)); };
  return {make<op::v8::Slice>(call.x(), each(-1), each(std::numeric_limits<std::int32_t>::min()), each(-1),
                              integers(axes))};
}

std::vector<Value> roll(const Call& call) {
  const Integers axes = call.integers("axis");
  if (!axes.empty()) return {make<op::v7::Roll>(call.x(), call.integers_in(1), integers(axes))};
  const Tensor rolled = make<op::v7::Roll>(reshaped(call.x(), {-1}), call.integers_in(1), integers({0}));
  return {make<op::v1::Reshape>(rolled, shape_tensor(call.x()), false)};
}

Tensor broadcast(const Tensor& x, const Tensor& shape) {
  return make<op::v3::Broadcast>(x, shape, op::BroadcastType::BIDIRECTIONAL);
}

std::vector<Value> expand(const Call& call) {  // -1 keeps the side
  const Tensor sides = call.integers_in(1);
  const Tensor keeps = make<op::v1::Equal>(sides, integer(-1));
  return {broadcast(call.x(), make<op::v1::Select>(keeps, integer(1), sides))};
}

std::vector<Value> expand_as(const Call& call) {
  if (!call.has(1)) return {broadcast(call.x(), integers(call.integers("target_shape")))};
  call.ignore({"target_shape"});
  return {broadcast(call.x(), shape_tensor(call.in(1)))};
}

std::vector<Value> tile(const Call& call) { return {make<op::v0::Tile>(call.x(), call.integers_in(1))}; }

std::size_t factor_given(const Call& call, const char* key) {
  const std::int64_t factor = call.integer(key);
  if (factor < 1) call.fail(std::string("expected ") + key + " of at least 1, got " + std::to_string(factor));
  return static_cast<std::size_t>(factor);
}

std::vector<Value> pixel_shuffle(const Call& call) {
  const std::size_t factor = factor_given(call, "upscale_factor");
  return {channels_second(call, [&](const Tensor& x) {
    return make<op::v0::DepthToSpace>(x, op::v0::DepthToSpace::DepthToSpaceMode::DEPTH_FIRST, factor);
  })};
}

std::vector<Value> pixel_unshuffle(const Call& call) {
  const std::size_t factor = factor_given(call, "downscale_factor");
  return {channels_second(call, [&](const Tensor& x) {
    return make<op::v0::SpaceToDepth>(x, op::v0::SpaceToDepth::SpaceToDepthMode::DEPTH_FIRST, factor);
  })};
}

std::vector<Value> channel_shuffle(const Call& call) {
  const std::int64_t groups = call.integer("groups");
  return {channels_second(call, [&](const Tensor& x) {
    const std::int64_t channels = fixed_side(call, x, 1);
    check_groups(call, groups, channels);
    return make<op::v0::ShuffleChannels>(x, 1, groups);
  })};
}

constexpr std::int64_t kMaxPad = 1 << 16;

Tensor padded(const Call& call, const Tensor& x, const Integers& begin, const Integers& end, const Tensor& value,
              op::PadMode mode) {
  for (const Integers* side : {&begin, &end}) {
    for (const std::int64_t one : *side) {
      if (one < -kMaxPad || one > kMaxPad) call.fail("padding " + std::to_string(one) + " is out of range");
    }
  }
  return make<op::v12::Pad>(x, integers(begin), integers(end), value, mode);
}

// What wraps around: the end of each side before it, its beginning behind it.
Tensor wrapped(const Call& call, Tensor x, const Integers& begin, const Integers& end) {
  for (std::size_t side = 0; side < begin.size(); ++side) {
    const auto axis = static_cast<std::int64_t>(side);
    if (begin[side] == 0 && end[side] == 0) continue;
    const std::int64_t length = fixed_side(call, x, axis);
    if (begin[side] < 0 || end[side] < 0 || begin[side] > length || end[side] > length)
      call.fail("expected circular paddings from 0 to " + std::to_string(length) + ", got " +
                std::to_string(begin[side]) + " and " + std::to_string(end[side]));
    Tensors parts;
    if (begin[side] > 0) parts.push_back(sliced(x, axis, length - begin[side], length));
    parts.push_back(x);
    if (end[side] > 0) parts.push_back(sliced(x, axis, 0, end[side]));
    x = make<op::v0::Concat>(parts, axis);
  }
  return x;
}

// left, right, top, bottom, front, back
std::vector<Value> pad3d(const Call& call) {
  const Tensor x = call.x();
  const Integers pads = call.constant(1);
  check_number_of(call, "padding", pads.size(), 6);
  if (rank_of(call, x) != 5) fail_for_rank(call, "a 5-D tensor", rank_of(call, x));
  Integers begin = {pads[4], pads[2], pads[0]};
  Integers end = {pads[5], pads[3], pads[1]};
  for (Integers* side : {&begin, &end}) {
    side->insert(channels_last(call) ? side->end() : side->begin(), 0);
    side->insert(side->begin(), 0);
  }
  const std::string mode = call.word("mode", {"constant", "reflect", "replicate", "circular"});
  const Tensor value = scalar(call.real_or("pad_value", 0), x.get_element_type());
  if (mode == "constant") return {padded(call, x, begin, end, value, op::PadMode::CONSTANT)};
  if (mode == "reflect") return {padded(call, x, begin, end, value, op::PadMode::REFLECT)};
  if (mode == "replicate") return {padded(call, x, begin, end, value, op::PadMode::EDGE)};
  return {wrapped(call, x, begin, end)};
}

std::vector<Value> pad(const Call& call) {
  const Tensor x = call.x();
  const Integers pads = call.integers("paddings");
  check_number_of(call, "padding", pads.size(), 2 * static_cast<std::size_t>(rank_of(call, x)));
  Integers begin, end;
  for (std::size_t side = 0; side < pads.size(); ++side) (side % 2 == 0 ? begin : end).push_back(pads[side]);
  const ov::element::Type type = x.get_element_type();
  const Tensor value = call.has(1) ? reshaped(cast(call.in(1), type), {}) : scalar(call.real_or("pad_value", 0), type);
  return {padded(call, x, begin, end, value, op::PadMode::CONSTANT)};
}

// Zeros above a diagonal, or below it.
std::vector<Value> triangle(const Call& call, bool lower) {
  const Tensor x = call.x();
  const std::int64_t rows = fixed_side(call, x, -2), columns = fixed_side(call, x, -1);
  const std::int64_t diagonal = call.integer("diagonal");
  Numbers kept(static_cast<std::size_t>(checked_count(call, {rows, columns})));
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t column = 0; column < columns; ++column) {
      const bool keep = lower ? column - row <= diagonal : column - row >= diagonal;
      kept[static_cast<std::size_t>(row * columns + column)] = {keep ? 1.0 : 0.0, keep};
    }
  }
  const Tensor mask = constant_of(call, {rows, columns}, kept, ov::element::boolean);
  return {make<op::v1::Select>(mask, x, scalar(0, x.get_element_type()))};
}

std::vector<Value> same(const Call& call) { return {call.x()}; }

}  // namespace

void add_shapes(Translations& all) {
  all["shape"] = all["shape64"] = shape;
  all["numel"] = number_of_values;
  all["reshape"] = reshape;
  all["transpose"] = transpose;
  all["flatten"] = flatten;
  all["squeeze"] = squeeze;
  all["unsqueeze"] = unsqueeze;
  all["slice"] = slice;
  all["strided_slice"] = strided_slice;
  all["flip"] = flip;
  all["roll"] = roll;
  all["expand"] = expand;
  all["expand_as"] = expand_as;
  all["tile"] = tile;
  all["pixel_shuffle"] = pixel_shuffle;
  all["pixel_unshuffle"] = pixel_unshuffle;
  all["channel_shuffle"] = channel_shuffle;
  all["pad3d"] = pad3d;
  all["pad"] = pad;
  all["tril"] = [](const Call& call) { return triangle(call, true); };
  all["triu"] = [](const Call& call) { return triangle(call, false); };
  for (const char* name : {"assign", "assign_out_", "share_data", "memcpy_h2d", "memcpy_d2h", "print"})
    all[name] = same;
}

}  // namespace ppinfer::pir
