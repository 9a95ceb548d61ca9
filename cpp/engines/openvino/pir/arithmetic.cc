// Arithmetic, comparisons and logic of single values, with Paddle's broadcasting (which is numpy's), and matrix
// products.
#include <cmath>
#include <openvino/op/ops.hpp>

#include "nodes.h"
#include "translations.h"

namespace ppinfer::pir {
namespace {

namespace op = ov::op;

Tensor in_result_type(const Call& call, std::size_t input) { return cast(call.in(input), call.result_type()); }

template <class Op>
std::vector<Value> binary(const Call& call) {
  return {make<Op>(in_result_type(call, 0), in_result_type(call, 1))};
}

template <class Op>
std::vector<Value> comparison(const Call& call) {
  return {make<Op>(call.in(0), cast(call.in(1), call.in(0).get_element_type()))};
}

template <class Op>
std::vector<Value> logical(const Call& call) {
  return {make<Op>(cast(call.in(0), ov::element::boolean), cast(call.in(1), ov::element::boolean))};
}

std::vector<Value> logical_not(const Call& call) {
  return {make<op::v1::LogicalNot>(cast(call.x(), ov::element::boolean))};
}

// OpenVINO's Divide doesn't round integers down below zero on the CPU.
std::vector<Value> floor_divide(const Call& call) {
  const Tensor a = in_result_type(call, 0);
  const Tensor b = in_result_type(call, 1);
  if (call.result_type().is_real()) return {make<op::v0::Floor>(make<op::v1::Divide>(a, b))};
  return {make<op::v1::Divide>(make<op::v1::Subtract>(a, make<op::v1::FloorMod>(a, b)), b)};
}

std::vector<Value> to_power(const Call& call, double exponent) {
  return {make<op::v1::Power>(call.x(), scalar(exponent, call.x().get_element_type()))};
}

std::vector<Value> power(const Call& call) { return to_power(call, call.real("y")); }
std::vector<Value> rsqrt(const Call& call) { return to_power(call, -0.5); }
std::vector<Value> square(const Call& call) { return {make<op::v1::Multiply>(call.x(), call.x())}; }

std::vector<Value> reciprocal(const Call& call) {
  return {make<op::v1::Divide>(scalar(1, call.x().get_element_type()), call.x())};
}

std::vector<Value> round_half_to_even(const Call& call) {
  if (call.has_attribute("decimals") && call.integer("decimals") != 0) call.unsupported("decimals");
  return {make<op::v5::Round>(call.x(), op::v5::Round::RoundMode::HALF_TO_EVEN)};
}

std::vector<Value> log_of_base(const Call& call, double base) {
  const Tensor factor = scalar(1 / std::log(base), call.x().get_element_type());
  return {make<op::v1::Multiply>(make<op::v0::Log>(call.x()), factor)};
}

std::vector<Value> log1p(const Call& call) {
  return {make<op::v0::Log>(make<op::v1::Add>(call.x(), scalar(1, call.x().get_element_type())))};
}

std::vector<Value> expm1(const Call& call) {
  return {make<op::v1::Subtract>(make<op::v0::Exp>(call.x()), scalar(1, call.x().get_element_type()))};
}

std::vector<Value> clip(const Call& call) {
  const ov::element::Type type = call.x().get_element_type();
  const Tensor above = make<op::v1::Maximum>(call.x(), cast(call.in(1), type));
  return {make<op::v1::Minimum>(above, cast(call.in(2), type))};
}

std::vector<Value> scale(const Call& call) {
  const Tensor x = call.x();
  const ov::element::Type type = x.get_element_type();
  const Tensor bias = scalar(call.real_or("bias", 0), type);
  Tensor factor = call.has(1) ? cast(call.in(1), type) : scalar(call.real("scale"), type);
  if (rank_of(call, factor) > 0) factor = reshaped(factor, {});
  if (!call.flag_or("bias_after_scale", true)) return {make<op::v1::Multiply>(make<op::v1::Add>(x, bias), factor)};
  const Tensor scaled = make<op::v1::Multiply>(x, factor);
  return {call.real_or("bias", 0) == 0 ? scaled : make<op::v1::Add>(scaled, bias)};
}

// "downgrade_in_infer" multiplies by the share that training keeps.
std::vector<Value> dropout(const Call& call) {
  if (!call.flag_or("is_test", true)) call.unsupported("random values (a model saved in training mode)");
  if (call.word("mode", {"downgrade_in_infer", "upscale_in_train"}) == "upscale_in_train") return {call.x()};
  const ov::element::Type type = call.x().get_element_type();
  const double dropped = call.has(2) ? call.constant_reals(2).at(0) : call.real("p");
  return {make<op::v1::Multiply>(call.x(), scalar(1 - dropped, type))};
}

std::vector<Value> where(const Call& call) {
  return {
      make<op::v1::Select>(cast(call.in(0), ov::element::boolean), in_result_type(call, 1), in_result_type(call, 2))};
}

std::vector<Value> matmul(const Call& call) {
  return {make<op::v0::MatMul>(call.in(0), call.in(1), call.flag("transpose_x"), call.flag("transpose_y"))};
}

std::vector<Value> batched_matmul(const Call& call) {
  return {make<op::v0::MatMul>(call.in(0), call.in(1), false, false)};
}

std::vector<Value> addmm(const Call& call) {
  const ov::element::Type type = call.x().get_element_type();
  const Tensor product = make<op::v0::MatMul>(call.in(1), call.in(2), false, false);
  return {make<op::v1::Add>(make<op::v1::Multiply>(call.in(0), scalar(call.real("beta"), type)),
                            make<op::v1::Multiply>(product, scalar(call.real("alpha"), type)))};
}

std::vector<Value> einsum(const Call& call) {
  return {make<op::v7::Einsum>(call.list(0), call.text_or("equation", ""))};
}

std::vector<Value> cast_to_result(const Call& call) { return {cast(call.x(), call.result_type())}; }

}  // namespace

void add_arithmetic(Translations& all) {
  all["add"] = binary<op::v1::Add>;
  all["subtract"] = binary<op::v1::Subtract>;
  all["multiply"] = binary<op::v1::Multiply>;
  all["divide"] = binary<op::v1::Divide>;
  all["maximum"] = all["fmax"] = binary<op::v1::Maximum>;
  all["minimum"] = all["fmin"] = binary<op::v1::Minimum>;
  all["elementwise_pow"] = binary<op::v1::Power>;
  all["remainder"] = binary<op::v1::FloorMod>;
  all["floor_divide"] = floor_divide;
  all["equal"] = comparison<op::v1::Equal>;
  all["not_equal"] = comparison<op::v1::NotEqual>;
  all["less_than"] = comparison<op::v1::Less>;
  all["less_equal"] = comparison<op::v1::LessEqual>;
  all["greater_than"] = comparison<op::v1::Greater>;
  all["greater_equal"] = comparison<op::v1::GreaterEqual>;
  all["logical_and"] = logical<op::v1::LogicalAnd>;
  all["logical_or"] = logical<op::v1::LogicalOr>;
  all["logical_xor"] = logical<op::v1::LogicalXor>;
  all["logical_not"] = logical_not;
  all["bitwise_and"] = binary<op::v13::BitwiseAnd>;
  all["bitwise_or"] = binary<op::v13::BitwiseOr>;
  all["exp"] = unary<op::v0::Exp>;
  all["log"] = unary<op::v0::Log>;
  all["sqrt"] = unary<op::v0::Sqrt>;
  all["abs"] = unary<op::v0::Abs>;
  all["floor"] = unary<op::v0::Floor>;
  all["ceil"] = unary<op::v0::Ceiling>;
  all["sign"] = unary<op::v0::Sign>;
  all["erf"] = unary<op::v0::Erf>;
  all["sin"] = unary<op::v0::Sin>;
  all["cos"] = unary<op::v0::Cos>;
  all["atan"] = unary<op::v0::Atan>;
  all["log2"] = [](const Call& call) { return log_of_base(call, 2); };
  all["log10"] = [](const Call& call) { return log_of_base(call, 10); };
  all["log1p"] = log1p;
  all["expm1"] = expm1;
  all["pow"] = power;
  all["rsqrt"] = rsqrt;
  all["square"] = square;
  all["reciprocal"] = reciprocal;
  all["round"] = round_half_to_even;
  all["clip"] = clip;
  all["scale"] = scale;
  all["dropout"] = dropout;
  all["where"] = where;
  all["matmul"] = matmul;
  all["bmm"] = batched_matmul;
  all["addmm"] = addmm;
  all["einsum"] = einsum;
  all["cast"] = cast_to_result;
}

}  // namespace ppinfer::pir
