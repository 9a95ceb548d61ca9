// Along axes: sums, means, extremes, norms, orders.
#include <cmath>
#include <openvino/op/ops.hpp>

#include "nodes.h"
#include "translations.h"

namespace ppinfer::pir {
namespace {

namespace op = ov::op;

// No axes: all of them.
Integers axes_given(const Call& call) {
  const std::int64_t rank = rank_of(call, call.x());
  Integers axes = call.has(1) ? call.constant(1) : call.has_attribute("axis") ? call.integers("axis") : Integers();
  if (call.flag_or("reduce_all", false) || axes.empty()) return counting(0, rank);
  return axes_of(call, axes, rank);
}

bool keeps_sides(const Call& call) { return call.flag_or("keepdim", false) || call.flag_or("keep_dim", false); }

template <class Op>
std::vector<Value> reduction(const Call& call) {
  return {make<Op>(cast(call.x(), call.result_type()), integers(axes_given(call)), keeps_sides(call))};
}

std::vector<Value> log_sum_exp(const Call& call) {
  const Tensor axes = integers(axes_given(call));
  const Tensor largest = make<op::v1::ReduceMax>(call.x(), axes, true);
  const Tensor sum = make<op::v1::ReduceSum>(make<op::v0::Exp>(make<op::v1::Subtract>(call.x(), largest)), axes, true);
  const Tensor all = make<op::v1::Add>(make<op::v0::Log>(sum), largest);
  return {keeps_sides(call) ? all : make<op::v0::Squeeze>(all, axes)};
}

std::vector<Value> p_norm(const Call& call) {
  const ov::element::Type type = call.x().get_element_type();
  const std::int64_t rank = rank_of(call, call.x());
  const bool of_all = call.flag_or("asvector", false);
  if (of_all) call.ignore({"axis"});
  const Tensor axes = integers(of_all ? counting(0, rank) : Integers{axis_of(call, call.integer("axis"), rank)});
  const bool keep = call.flag("keepdim");
  const double order = call.real("porder");
  if (order == 2) return {make<op::v4::ReduceL2>(call.x(), axes, keep)};
  const Tensor lengths = make<op::v0::Abs>(call.x());
  if (order == 1) return {make<op::v1::ReduceSum>(lengths, axes, keep)};
  if (std::isinf(order))
    return {order > 0 ? make<op::v1::ReduceMax>(lengths, axes, keep) : make<op::v1::ReduceMin>(lengths, axes, keep)};
  if (order == 0 || std::isnan(order)) call.unsupported("porder " + std::to_string(order));
  const Tensor sum = make<op::v1::ReduceSum>(make<op::v1::Power>(lengths, scalar(order, type)), axes, keep);
  return {make<op::v1::Power>(sum, scalar(1 / order, type))};
}

Tensors ordered(const Call& call, const Tensor& x, const Tensor& count, std::int64_t axis, bool largest) {
  return make_all<op::v11::TopK>(x, count, axis, largest ? op::TopKMode::MAX : op::TopKMode::MIN,
                                 op::TopKSortType::SORT_VALUES, ov::element::i64, call.flag_or("stable", false));
}

std::vector<Value> index_of_extreme(const Call& call, bool largest) {
  const bool of_all = call.flag_or("flatten", false);
  const Tensor x = of_all ? reshaped(call.x(), {-1}) : call.x();
  const Integers given = of_all ? Integers{0} : call.constant(1);
  check_number_of(call, "axis", given.size(), 1);
  const std::int64_t axis = axis_of(call, given[0], rank_of(call, x));
  const Tensor first = make_all<op::v11::TopK>(x, integer(1), axis, largest ? op::TopKMode::MAX : op::TopKMode::MIN,
                                               op::TopKSortType::SORT_VALUES, ov::element::i64, true)
                           .at(1);
  const Tensor index = cast(first, call.result_type());
  const bool keep = call.flag_or("keepdims", false);
  if (of_all)
    return {reshaped(index, keep ? Integers(static_cast<std::size_t>(rank_of(call, call.x())), 1) : Integers())};
  return {keep ? index : make<op::v0::Squeeze>(index, integers({axis}))};
}

std::vector<Value> top_k(const Call& call) {
  if (!call.flag_or("sorted", true)) call.unsupported("sorted = 0");
  const std::int64_t axis = axis_of(call, call.integer("axis"), rank_of(call, call.x()));
  const Tensors both = ordered(call, call.x(), reshaped(call.integers_in(1), {}), axis, call.flag("largest"));
  return {both.at(0), both.at(1)};
}

std::vector<Value> sorted(const Call& call) {
  const std::int64_t axis = axis_of(call, call.integer("axis"), rank_of(call, call.x()));
  const Tensor count = integer(fixed_side(call, call.x(), axis));
  const Tensors both = ordered(call, call.x(), count, axis, call.flag("descending"));
  return {both.at(0), both.at(1)};
}

std::vector<Value> running_sum(const Call& call) {
  const bool of_all = call.flag_or("flatten", false);
  const Integers axis = of_all ? Integers{0} : call.constant(1);
  check_number_of(call, "axis", axis.size(), 1);
  const Tensor x = cast(call.x(), call.result_type());
  return {make<op::v0::CumSum>(of_all ? reshaped(x, {-1}) : x, integer(axis[0]), call.flag("exclusive"),
                               call.flag("reverse"))};
}

}  // namespace

void add_reductions(Translations& all) {
  all["mean"] = reduction<op::v1::ReduceMean>;
  all["sum"] = reduction<op::v1::ReduceSum>;
  all["max"] = all["amax"] = reduction<op::v1::ReduceMax>;
  all["min"] = all["amin"] = reduction<op::v1::ReduceMin>;
  all["prod"] = reduction<op::v1::ReduceProd>;
  all["any"] = reduction<op::v1::ReduceLogicalOr>;
  all["all"] = reduction<op::v1::ReduceLogicalAnd>;
  all["frobenius_norm"] = reduction<op::v4::ReduceL2>;
  all["logsumexp"] = log_sum_exp;
  all["p_norm"] = p_norm;
  all["argmax"] = [](const Call& call) { return index_of_extreme(call, true); };
  all["argmin"] = [](const Call& call) { return index_of_extreme(call, false); };
  all["topk"] = top_k;
  all["argsort"] = sorted;
  all["cumsum"] = running_sum;
}

}  // namespace ppinfer::pir
