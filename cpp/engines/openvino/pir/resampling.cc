// Images at other sizes.
#include <openvino/op/ops.hpp>

#include "translations.h"
#include "windows.h"

namespace ppinfer::pir {
namespace {

namespace op = ov::op;
using Interpolate = op::v11::Interpolate;
using Attributes = op::util::InterpolateBase::InterpolateAttrs;
using Mode = op::util::InterpolateBase::InterpolateMode;
using Coordinates = op::util::InterpolateBase::CoordinateTransformMode;
using Sizes = op::util::InterpolateBase::ShapeCalcMode;
using Nearest = op::util::InterpolateBase::NearestMode;

Attributes attributes_of(const Call& call, Mode mode) {
  Attributes attributes;
  attributes.mode = mode;
  const bool corners = call.flag("align_corners");
  const bool half_pixels = mode == Mode::CUBIC || (mode == Mode::LINEAR_ONNX && call.integer("align_mode") == 0);
  attributes.coordinate_transformation_mode = corners       ? Coordinates::ALIGN_CORNERS
                                              : half_pixels ? Coordinates::HALF_PIXEL
                                                            : Coordinates::ASYMMETRIC;
  attributes.nearest_mode = corners ? Nearest::ROUND_PREFER_CEIL : Nearest::FLOOR;
  attributes.cube_coeff = -0.75;
  return attributes;
}

std::vector<double> scales_of(const Call& call) {
  std::vector<double> scales;
  if (call.has(3)) {
    call.ignore({"scale"});
    return call.constant_reals(3);
  }
  if (!call.has_attribute("scale")) return scales;
  for (const Number& scale : call.numbers("scale")) {
    if (scale.real > 0) scales.push_back(scale.real);
  }
  return scales;
}

// The target's sizes come as an input, as an input of one size each, or as attributes; or there are factors.
Tensor resampled(const Call& call, const Tensor& x, Mode mode, const std::vector<const char*>& size_keys) {
  const std::size_t sides = size_keys.size();
  const Tensor axes = integers(counting(2, 2 + static_cast<std::int64_t>(sides)));
  Attributes attributes = attributes_of(call, mode);
  std::vector<double> scales = scales_of(call);
  call.ignore({"out_d", "out_h", "out_w"});  // size_keys are read below if no input and no scale gives the size
  if (call.has(1) || call.has(2)) {
    if (!call.has(2) && !scales.empty()) call.unsupported("both a size and a scale");  // Paddle steps by the scale
    return make<Interpolate>(x, call.integers_in(call.has(2) ? 2 : 1), axes, attributes);
  }
  if (scales.empty()) {
    Integers sizes;
    for (const char* key : size_keys) sizes.push_back(call.integer(key));
    check_positive(call, sizes, sides, "the size");
    return make<Interpolate>(x, integers(sizes), axes, attributes);
  }
  if (scales.size() == 1) scales.resize(sides, scales[0]);
  constexpr double kMaxScale = 1024;
  for (const double scale : scales) {
    if (!(scale > 0 && scale <= kMaxScale))
      call.fail("expected a scale above 0, at most 1024, got " + std::to_string(scale));
  }
  check_number_of(call, "scale", scales.size(), sides);
  attributes.shape_calculation_mode = Sizes::SCALES;
  const std::vector<float> factors(scales.begin(), scales.end());
  return make<Interpolate>(x, op::v0::Constant::create(ov::element::f32, ov::Shape{sides}, factors), axes, attributes);
}

std::vector<Value> interpolation(const Call& call, Mode mode, const char* method) {
  call.word("interp_method", {method});
  return {channels_second(call, [&](const Tensor& x) {
    if (window_sides(call, x) != 2) fail_for_rank(call, "a 4-D tensor", rank_of(call, x));
    return resampled(call, x, mode, {"out_h", "out_w"});
  })};
}

// A line of pixels.
std::vector<Value> linear_interpolation(const Call& call) {
  call.word("interp_method", {"linear"});
  return {channels_second(call, [&](const Tensor& x) {
    if (window_sides(call, x) != 1) fail_for_rank(call, "a 3-D tensor", rank_of(call, x));
    return resampled(call, x, Mode::LINEAR_ONNX, {"out_w"});
  })};
}

std::vector<Value> grid_sample(const Call& call) {
  using Sample = op::v9::GridSample;
  Sample::Attributes attributes;
  attributes.align_corners = call.flag("align_corners");
  if (call.word("mode", {"bilinear", "nearest"}) == "nearest") attributes.mode = Sample::InterpolationMode::NEAREST;
  if (call.word("padding_mode", {"zeros", "border"}) == "border") attributes.padding_mode = Sample::PaddingMode::BORDER;
  return {make<Sample>(call.in(0), call.in(1), attributes)};
}

}  // namespace

void add_resampling(Translations& all) {
  all["nearest_interp"] = [](const Call& call) { return interpolation(call, Mode::NEAREST, "nearest"); };
  all["bilinear_interp"] = [](const Call& call) { return interpolation(call, Mode::LINEAR_ONNX, "bilinear"); };
  all["bicubic_interp"] = [](const Call& call) { return interpolation(call, Mode::CUBIC, "bicubic"); };
  all["linear_interp"] = linear_interpolation;
  all["grid_sample"] = grid_sample;
}

}  // namespace ppinfer::pir
