// Functions of single values with a shape of their own: what stands between layers.
#include <algorithm>
#include <openvino/op/ops.hpp>

#include "translations.h"
#include "windows.h"

namespace ppinfer::pir {
namespace {

namespace op = ov::op;

Tensor like(const Call& call, double value) { return scalar(value, call.x().get_element_type()); }

std::vector<Value> relu6(const Call& call) { return {make<op::v0::Clamp>(call.x(), 0.0, 6.0)}; }

std::vector<Value> gelu(const Call& call) {
  const auto mode = call.flag("approximate") ? op::GeluApproximationMode::TANH : op::GeluApproximationMode::ERF;
  return {make<op::v7::Gelu>(call.x(), mode)};
}

Tensor with_slope(const Call& call, double slope) {
  return make<op::v0::PRelu>(call.x(), reshaped(like(call, slope), {1}));
}

std::vector<Value> leaky_relu(const Call& call) { return {with_slope(call, call.real("negative_slope"))}; }

std::vector<Value> rrelu(const Call& call) {
  if (!call.flag_or("is_test", true)) call.unsupported("random slopes (a model saved in training mode)");
  return {with_slope(call, (call.real("lower") + call.real("upper")) / 2)};
}

std::vector<Value> prelu(const Call& call) {
  const Tensor x = call.x();
  const std::int64_t rank = rank_of(call, x);
  Tensor slope = call.in(1);
  if (call.word("mode", {"all", "channel", "element"}) == "channel") {
    Integers sides(static_cast<std::size_t>(rank), 1);
    if (rank < 2) fail_for_rank(call, "a tensor with channels", rank);
    sides[channels_last(call) ? sides.size() - 1 : 1] = -1;
    slope = reshaped(slope, sides);
  } else {
    call.ignore({"data_format"});
  }
  return {make<op::v0::PRelu>(x, slope)};
}

// Paddle's mish uses softplus, which Paddle computes as x above `lambda`. From 20 on, the difference is less than
// float32 rounding.
std::vector<Value> mish(const Call& call) {
  constexpr double kLeast = 20;
  if (call.real_or("lambda", kLeast) < kLeast) call.unsupported("a lambda below 20");
  return {make<op::v4::Mish>(call.x())};
}

std::vector<Value> elu(const Call& call) { return {make<op::v0::Elu>(call.x(), call.real("alpha"))}; }

std::vector<Value> celu(const Call& call) {
  const Tensor alpha = like(call, call.real("alpha"));
  return {make<op::v1::Multiply>(make<op::v0::Elu>(make<op::v1::Divide>(call.x(), alpha), 1.0), alpha)};
}

std::vector<Value> selu(const Call& call) {
  const auto one = [&](const char* key) { return reshaped(like(call, call.real(key)), {1}); };
  return {make<op::v0::Selu>(call.x(), one("alpha"), one("scale"))};
}

std::vector<Value> hard_sigmoid(const Call& call) {
  return {make<op::v0::HardSigmoid>(call.x(), like(call, call.real("slope")), like(call, call.real("offset")))};
}

std::vector<Value> hard_tanh(const Call& call) {
  return {make<op::v0::Clamp>(call.x(), call.real("t_min"), call.real("t_max"))};
}

std::vector<Value> hard_shrink(const Call& call) {
  const Tensor far = make<op::v1::Greater>(make<op::v0::Abs>(call.x()), like(call, call.real("threshold")));
  return {make<op::v1::Select>(far, call.x(), like(call, 0))};
}

std::vector<Value> soft_shrink(const Call& call) {
  const Tensor limit = like(call, call.real_or("lambda", call.real_or("threshold", 0.5)));
  const Tensor above = make<op::v0::Relu>(make<op::v1::Subtract>(call.x(), limit));
  const Tensor below = make<op::v0::Relu>(make<op::v1::Subtract>(make<op::v0::Negative>(call.x()), limit));
  return {make<op::v1::Subtract>(above, below)};
}

std::vector<Value> tanh_shrink(const Call& call) {
  return {make<op::v1::Subtract>(call.x(), make<op::v0::Tanh>(call.x()))};
}

std::vector<Value> thresholded_relu(const Call& call) {
  const Tensor above = make<op::v1::Greater>(call.x(), like(call, call.real("threshold")));
  return {make<op::v1::Select>(above, call.x(), like(call, call.real_or("value", 0)))};
}

std::vector<Value> scaled_tanh(const Call& call) {
  const Tensor inner = make<op::v1::Multiply>(call.x(), like(call, call.real("scale_a")));
  return {make<op::v1::Multiply>(make<op::v0::Tanh>(inner), like(call, call.real("scale_b")))};
}

// Linear above the threshold, so that its exponential can't overflow.
std::vector<Value> softplus(const Call& call) {
  const Tensor beta = like(call, call.real("beta"));
  const Tensor x = make<op::v1::Multiply>(call.x(), beta);
  const Tensor curved = make<op::v1::Divide>(make<op::v4::SoftPlus>(x), beta);
  return {make<op::v1::Select>(make<op::v1::Greater>(x, like(call, call.real("threshold"))), call.x(), curved)};
}

std::vector<Value> log_sigmoid(const Call& call) {
  return {make<op::v0::Negative>(make<op::v4::SoftPlus>(make<op::v0::Negative>(call.x())))};
}

// The largest of each `groups` neighbouring channels.
std::vector<Value> maxout(const Call& call) {
  const Tensor x = call.x();
  const std::int64_t rank = rank_of(call, x);
  const std::int64_t axis = axis_of(call, call.integer("axis"), rank);
  const std::int64_t channels = fixed_side(call, x, axis);
  const std::int64_t groups = call.integer("groups");
  check_groups(call, groups, channels);
  Integers sides = sides_of(call, x);
  if (axis != 0) sides[0] = -1;
  const auto at = sides.begin() + axis;
  *at = channels / groups;
  sides.insert(at + 1, groups);
  if (std::count(sides.begin(), sides.end(), -1) > 1) call.unsupported("several open sides");
  return {make<op::v1::ReduceMax>(reshaped(x, sides), integers({axis + 1}), false)};
}

template <class Op>
std::vector<Value> softmax(const Call& call) {
  const std::int64_t rank = rank_of(call, call.x());
  if (rank == 0) call.unsupported("a single number");
  return {make<Op>(call.x(), axis_of(call, call.integer("axis"), rank))};
}

}  // namespace

void add_activations(Translations& all) {
  all["relu"] = unary<op::v0::Relu>;
  all["sigmoid"] = unary<op::v0::Sigmoid>;
  all["tanh"] = unary<op::v0::Tanh>;
  all["hardswish"] = unary<op::v4::HSwish>;
  all["mish"] = mish;
  all["softsign"] = unary<op::v9::SoftSign>;
  all["swish"] = all["silu"] = unary<op::v4::Swish>;
  all["relu6"] = relu6;
  all["gelu"] = gelu;
  all["leaky_relu"] = leaky_relu;
  all["rrelu"] = rrelu;
  all["prelu"] = prelu;
  all["elu"] = elu;
  all["celu"] = celu;
  all["selu"] = selu;
  all["hardsigmoid"] = hard_sigmoid;
  all["hardtanh"] = hard_tanh;
  all["hard_shrink"] = all["hardshrink"] = hard_shrink;
  all["softshrink"] = soft_shrink;
  all["tanh_shrink"] = tanh_shrink;
  all["thresholded_relu"] = thresholded_relu;
  all["stanh"] = scaled_tanh;
  all["softplus"] = softplus;
  all["logsigmoid"] = log_sigmoid;
  all["maxout"] = maxout;
  all["softmax"] = softmax<op::v8::Softmax>;
  all["log_softmax"] = softmax<op::v5::LogSoftmax>;
}

}  // namespace ppinfer::pir
