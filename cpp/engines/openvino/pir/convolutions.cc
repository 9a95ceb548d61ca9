#include <openvino/op/ops.hpp>

#include "translations.h"
#include "windows.h"

namespace ppinfer::pir {
namespace {

namespace op = ov::op;

ov::Strides strides(const Integers& values) { return {values.begin(), values.end()}; }
ov::CoordinateDiff pads(const Integers& values) { return {values.begin(), values.end()}; }

std::int64_t groups_of(const Call& call, const Tensor& filters) {
  const std::int64_t groups = call.integer("groups");
  check_groups(call, groups, fixed_side(call, filters, 0));
  return groups;
}

// [channels, ...] as [groups, channels a group, ...].
Tensor grouped(const Call& call, const Tensor& filters, std::int64_t groups) {
  Integers sides = sides_of(call, filters);
  sides[0] /= groups;
  sides.insert(sides.begin(), groups);
  return reshaped(filters, sides);
}

std::vector<Value> convolution(const Call& call) {
  const Tensor filters = call.in(1);
  return {channels_second(call, [&](const Tensor& x) -> Tensor {
    const std::size_t sides = window_sides(call, x);
    const std::int64_t groups = groups_of(call, filters);
    const Padding padding = padding_of(call, sides);
    Integers dilations = positive_sides(call, "dilations", sides);
    if (padding.kind != op::PadType::EXPLICIT) dilations.assign(sides, 1);  // Paddle's SAME drops them
    const ov::Strides steps = strides(positive_sides(call, "strides", sides));
    if (groups == 1) {
      return make<op::v1::Convolution>(x, filters, steps, pads(padding.begin), pads(padding.end), strides(dilations),
                                       padding.kind);
    }
    return make<op::v1::GroupConvolution>(x, grouped(call, filters, groups), steps, pads(padding.begin),
                                          pads(padding.end), strides(dilations), padding.kind);
  })};
}

std::vector<Value> transposed_convolution(const Call& call) {
  const Tensor filters = call.in(1);
  const bool has_size = (call.has(2) && !call.constant(2).empty()) ||
                        (call.has_attribute("output_size") && !call.integers("output_size").empty());
  if (has_size) call.unsupported("an output_size");
  return {channels_second(call, [&](const Tensor& x) -> Tensor {
    const std::size_t sides = window_sides(call, x);
    const std::int64_t groups = groups_of(call, filters);
    const Padding padding = padding_of(call, sides);
    if (padding.kind != op::PadType::EXPLICIT) call.unsupported("padding SAME");
    const ov::Strides steps = strides(positive_sides(call, "strides", sides));
    const ov::Strides dilations = strides(positive_sides(call, "dilations", sides));
    Integers extra = call.has_attribute("output_padding") ? call.integers("output_padding") : Integers();
    if (extra.empty()) extra.assign(sides, 0);
    check_number_of(call, "output padding", extra.size(), sides);
    if (groups == 1) {
      return make<op::v1::ConvolutionBackpropData>(x, filters, steps, pads(padding.begin), pads(padding.end), dilations,
                                                   padding.kind, pads(extra));
    }
    return make<op::v1::GroupConvolutionBackpropData>(x, grouped(call, filters, groups), steps, pads(padding.begin),
                                                      pads(padding.end), dilations, padding.kind, pads(extra));
  })};
}

// Each window as a column: a convolution of each channel by filters that pick one value each.
std::vector<Value> unfold(const Call& call) {
  const Tensor x = call.x();
  const std::int64_t channels = fixed_side(call, x, 1);
  const Integers kernel = positive_sides(call, "kernel_sizes", 2);
  Integers given = call.integers("paddings");  // top, left, bottom, right
  if (given.size() == 2) given.insert(given.end(), given.begin(), given.begin() + 2);
  check_number_of(call, "padding", given.size(), 4);
  const std::int64_t taps = kernel[0] * kernel[1];
  Numbers ones(static_cast<std::size_t>(checked_count(call, {channels, taps, taps})));
  for (std::int64_t filter = 0; filter < channels * taps; ++filter) {
    ones[static_cast<std::size_t>(filter * taps + filter % taps)] = {1, 1};
  }
  const Tensor filters = constant_of(call, {channels, taps, 1, kernel[0], kernel[1]}, ones, x.get_element_type());
  const Tensor picked = make<op::v1::GroupConvolution>(
      x, filters, strides(positive_sides(call, "strides", 2)), pads({given[0], given[1]}), pads({given[2], given[3]}),
      strides(positive_sides(call, "dilations", 2)), op::PadType::EXPLICIT);
  return {make<op::v1::Reshape>(picked, integers({0, channels * taps, -1}), true)};
}

}  // namespace

void add_convolutions(Translations& all) {
  all["conv2d"] = all["depthwise_conv2d"] = all["conv3d"] = convolution;
  all["conv2d_transpose"] = all["depthwise_conv2d_transpose"] = all["conv3d_transpose"] = transposed_convolution;
  all["unfold"] = unfold;
}

}  // namespace ppinfer::pir
