// Values picked by their indices, and written by them.
#include <openvino/op/ops.hpp>

#include "nodes.h"
#include "translations.h"

namespace ppinfer::pir {
namespace {

namespace op = ov::op;

std::vector<Value> gather(const Call& call) {
  const Tensor indices = rank_of(call, call.in(1)) == 0 ? call.in(1) : reshaped(call.in(1), {-1});
  const Integers axis =
      call.has(2) ? call.constant(2) : Integers{call.has_attribute("axis") ? call.integer("axis") : 0};
  check_number_of(call, "axis", axis.size(), 1);
  return {make<op::v8::Gather>(call.in(0), indices, integer(axis[0]))};
}

std::vector<Value> index_select(const Call& call) {
  return {make<op::v8::Gather>(call.in(0), call.in(1), integer(call.integer("axis")))};
}

std::vector<Value> gather_nd(const Call& call) { return {make<op::v8::GatherND>(call.in(0), call.in(1))}; }

std::vector<Value> take_along_axis(const Call& call) {
  return {make<op::v6::GatherElements>(call.in(0), call.in(1), call.integer("axis"))};
}

std::vector<Value> embedding(const Call& call) {
  if (call.has_attribute("padding_idx") && call.integer("padding_idx") >= 0) call.unsupported("a padding_idx");
  return {make<op::v8::Gather>(call.in(1), call.in(0), integer(0))};
}

std::vector<Value> one_hot(const Call& call) {
  const ov::element::Type type = call.result_type();
  return {make<op::v1::OneHot>(call.x(), reshaped(call.integers_in(1), {}), scalar(1, type), scalar(0, type), -1)};
}

// x with `values` in a region of it: every place has a number, and the region's are written.
Tensor with_region(const Call& call, Tensor values, std::size_t first_bound) {
  const Tensor x = call.x();
  const Integers axes = call.integers("axes");
  const Integers dropped = call.integers("decrease_axes");
  if (!call.integers("none_axes").empty()) call.unsupported("new axes in the region");
  const Tensor shape = shape_tensor(x);
  const Tensor count = make<op::v1::ReduceProd>(shape, integers({0}), false);
  const Tensor numbers = make<op::v4::Range>(integer(0), count, integer(1), ov::element::i64);
  const Tensor region =
      make<op::v8::Slice>(make<op::v1::Reshape>(numbers, shape, false), call.integers_in(first_bound),
                          call.integers_in(first_bound + 1), call.integers_in(first_bound + 2), integers(axes));
  const Tensor seen = dropped.empty() ? region : make<op::v0::Squeeze>(region, integers(dropped));
  values = cast(values, x.get_element_type());
  Integers sides = sides_of(call, values);
  const auto surplus = static_cast<std::int64_t>(sides.size()) - rank_of(call, seen);
  if (surplus > 0) {  // ones
    sides.erase(sides.begin(), sides.begin() + surplus);
    values = reshaped(values, sides);
  }
  const Tensor written = make<op::v3::Broadcast>(values, shape_tensor(seen));
  const Tensor flat = make<op::v3::ScatterElementsUpdate>(reshaped(x, {-1}), reshaped(region, {-1}),
                                                          reshaped(written, {-1}), integer(0));
  return make<op::v1::Reshape>(flat, shape, false);
}

std::vector<Value> set_value(const Call& call) {
  const Tensor values = constant_of(call, call.integers("shape"), call.numbers("values"), call.x().get_element_type());
  return {with_region(call, values, 1)};
}

std::vector<Value> set_value_with_tensor(const Call& call) { return {with_region(call, call.in(1), 2)}; }

}  // namespace

void add_gathering(Translations& all) {
  all["gather"] = gather;
  all["index_select"] = index_select;
  all["gather_nd"] = gather_nd;
  all["take_along_axis"] = take_along_axis;
  all["embedding"] = embedding;
  all["one_hot"] = one_hot;
  all["set_value"] = set_value;
  all["set_value_with_tensor"] = set_value_with_tensor;
}

}  // namespace ppinfer::pir
