#include <openvino/op/ops.hpp>

#include "translations.h"
#include "windows.h"

namespace ppinfer::pir {
namespace {

namespace op = ov::op;

// [channels] as the given axis of a tensor of this rank.
Tensor per_channel(const Tensor& values, std::int64_t rank, std::int64_t axis) {
  Integers sides(static_cast<std::size_t>(rank), 1);
  sides[static_cast<std::size_t>(axis)] = -1;
  return reshaped(values, sides);
}

Tensor or_filled(const Call& call, std::size_t input, const Tensor& like, double value) {
  if (call.has(input)) return call.in(input);
  return filled({fixed_side(call, like, 0)}, value, like.get_element_type());
}

// Inputs: x, mean, variance, scale, bias.
std::vector<Value> batch_norm(const Call& call) {
  const bool is_test = call.flag("is_test"), trains = call.flag_or("trainable_statistics", false);
  const bool is_global = call.flag_or("use_global_stats", false);
  if ((!is_test || trains) && !is_global) {
    call.unsupported(is_test ? "statistics of the batch (a batch norm with use_global_stats=False)"
                             : "statistics of the batch (a model saved in training mode: call eval() before you "
                               "export it)");
  }
  const Tensor x = call.in(0), mean = call.in(1), variance = call.in(2);
  const Tensor scale = or_filled(call, 3, mean, 1), bias = or_filled(call, 4, mean, 0);
  const double epsilon = call.real("epsilon");
  if (!channels_last(call) && rank_of(call, x) >= 2) {
    return {make<op::v5::BatchNormInference>(x, scale, bias, mean, variance, epsilon)};
  }
  const ov::element::Type type = mean.get_element_type();
  const Tensor deviation = make<op::v0::Sqrt>(make<op::v1::Add>(variance, scalar(epsilon, type)));
  const Tensor factor = make<op::v1::Divide>(scale, deviation);
  const Tensor offset = make<op::v1::Subtract>(bias, make<op::v1::Multiply>(mean, factor));
  return {make<op::v1::Add>(make<op::v1::Multiply>(x, factor), offset)};
}

Tensor normalized(const Call& call, const Tensor& x, const Integers& axes) {
  return make<op::v6::MVN>(x, integers(axes), true, static_cast<float>(call.real("epsilon")),
                           op::MVNEpsMode::INSIDE_SQRT);
}

std::vector<Value> layer_norm(const Call& call) {
  const Integers sides = sides_of(call, call.x());
  const auto rank = static_cast<std::int64_t>(sides.size());
  const std::int64_t first = axis_of(call, call.integer("begin_norm_axis"), rank);
  const Integers tail(sides.begin() + first, sides.end());
  Tensor y = normalized(call, call.x(), counting(first, rank));
  if (call.has(1)) y = make<op::v1::Multiply>(y, reshaped(call.in(1), tail));
  if (call.has(2)) y = make<op::v1::Add>(y, reshaped(call.in(2), tail));
  return {y};
}

std::vector<Value> group_norm(const Call& call) {
  const std::int64_t groups = call.integer("groups");
  return {channels_second(call, [&](const Tensor& x) {
    const std::int64_t channels = fixed_side(call, x, 1);
    check_groups(call, groups, channels);
    const Tensor one = filled({channels}, 1, x.get_element_type()), zero = filled({channels}, 0, x.get_element_type());
    return make<op::v12::GroupNormalization>(x, call.has(1) ? call.in(1) : one, call.has(2) ? call.in(2) : zero, groups,
                                             call.real("epsilon"));
  })};
}

std::vector<Value> instance_norm(const Call& call) {
  const std::int64_t rank = rank_of(call, call.x());
  if (rank < 3) fail_for_rank(call, "at least a 3-D tensor", rank);
  Tensor y = normalized(call, call.x(), counting(2, rank));
  if (call.has(1)) y = make<op::v1::Multiply>(y, per_channel(call.in(1), rank, 1));
  if (call.has(2)) y = make<op::v1::Add>(y, per_channel(call.in(2), rank, 1));
  return {y};
}

}  // namespace

void add_norms(Translations& all) {
  all["batch_norm"] = batch_norm;
  all["layer_norm"] = layer_norm;
  all["group_norm"] = group_norm;
  all["instance_norm"] = instance_norm;
}

}  // namespace ppinfer::pir
