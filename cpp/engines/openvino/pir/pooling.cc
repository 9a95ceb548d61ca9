#include <openvino/op/ops.hpp>

#include "translations.h"
#include "windows.h"

namespace ppinfer::pir {
namespace {

namespace op = ov::op;

struct Pooling {
  bool of_maximum = false;
  Integers kernel;
};

ov::Shape lengths(const Integers& values) { return {values.begin(), values.end()}; }

// The whole of each channel.
Tensor pooled_to_one(const Tensor& x, std::size_t sides, bool of_maximum) {
  const Tensor axes = integers(counting(2, 2 + static_cast<std::int64_t>(sides)));
  return of_maximum ? make<op::v1::ReduceMax>(x, axes, true) : make<op::v1::ReduceMean>(x, axes, true);
}

Tensor adaptive(const Call& call, const Tensor& x, const Pooling& pooling) {
  const std::size_t sides = window_sides(call, x);
  Integers out = pooling.kernel;
  check_number_of(call, "output side", out.size(), sides);
  for (std::size_t side = 0; side < sides; ++side) {  // -1 keeps the side
    if (out[side] < 0) out[side] = fixed_side(call, x, static_cast<std::int64_t>(side) + 2);
  }
  check_positive(call, out, sides, "the output");
  if (out == Integers(sides, 1)) return pooled_to_one(x, sides, pooling.of_maximum);
  if (pooling.of_maximum) return make<op::v8::AdaptiveMaxPool>(x, integers(out), ov::element::i32);
  return make<op::v8::AdaptiveAvgPool>(x, integers(out));
}

Tensor moving(const Call& call, Tensor x, const Pooling& pooling) {
  const std::size_t sides = window_sides(call, x);
  check_positive(call, pooling.kernel, sides, "kernel_size");
  const ov::Strides steps(lengths(positive_sides(call, "strides", sides)));
  Padding padding = padding_of(call, sides);
  const bool up = call.flag_or("ceil_mode", false);
  const auto rounding = up ? op::RoundingType::CEIL : op::RoundingType::FLOOR;
  const ov::Shape kernel = lengths(pooling.kernel);
  if (pooling.of_maximum) {
    call.ignore({"exclusive"});
    return make<op::v8::MaxPool>(x, steps, ov::Strides(sides, 1), lengths(padding.begin), lengths(padding.end), kernel,
                                 rounding, padding.kind);
  }
  bool exclude_padding = call.flag_or("exclusive", true) || (up && padding.is_none());
  if (!exclude_padding && up && padding.kind == op::PadType::EXPLICIT) {
    // Paddle divides by the window's part inside the padded image.
    Integers begin = {0, 0}, end = {0, 0};
    begin.insert(begin.end(), padding.begin.begin(), padding.begin.end());
    end.insert(end.end(), padding.end.begin(), padding.end.end());
    x = make<op::v1::Pad>(x, integers(begin), integers(end), scalar(0, x.get_element_type()), op::PadMode::CONSTANT);
    padding = {Integers(sides, 0), Integers(sides, 0)};
    exclude_padding = true;
  }
  return make<op::v1::AvgPool>(x, steps, lengths(padding.begin), lengths(padding.end), kernel, exclude_padding,
                               rounding, padding.kind);
}

std::vector<Value> pool(const Call& call, bool of_maximum) {
  const Pooling pooling{of_maximum, call.has(1) ? call.constant(1) : call.integers("kernel_size")};
  return {channels_second(call, [&](const Tensor& x) {
    const bool is_global = call.flag_or("global_pooling", false), is_adaptive = call.flag_or("adaptive", false);
    if (is_global && is_adaptive) call.unsupported("both global_pooling and adaptive");
    if (!is_global && !is_adaptive) return moving(call, x, pooling);
    call.ignore({"strides", "paddings", "padding_algorithm", "ceil_mode", "exclusive"});
    return is_global ? pooled_to_one(x, window_sides(call, x), of_maximum) : adaptive(call, x, pooling);
  })};
}

}  // namespace

void add_pooling(Translations& all) {
  all["pool2d"] = all["pool3d"] = [](const Call& call) {
    return pool(call, call.word("pooling_type", {"avg", "max"}) == "max");
  };
  all["max_pool2d_with_index"] = [](const Call& call) { return pool(call, true); };
}

}  // namespace ppinfer::pir
