#include "preprocess/row_kernels.h"

#include <algorithm>
#include <cmath>

// Highway includes this file again for every target.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "preprocess/row_kernels.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace ppinfer {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// The index of a pixel's element 0 in a row with `elements` elements a pixel.
inline std::ptrdiff_t place_of(int x, int elements) { return static_cast<std::ptrdiff_t>(elements) * x; }

inline void expand_pixels(const std::uint8_t* rgb, int first_x, int end_x, std::uint8_t* rgbx) {
  for (int x = first_x; x < end_x; ++x) std::copy_n(rgb + place_of(x, 3), 3, rgbx + place_of(x, 4));
}

#if HWY_TARGET == HWY_SCALAR
#include "preprocess/row_kernels_scalar-inl.h"
#else
#include "preprocess/row_kernels_simd-inl.h"
#endif

}  // namespace HWY_NAMESPACE
}  // namespace ppinfer
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ppinfer {

HWY_EXPORT(TwoTapsAcross);
HWY_EXPORT(TwoTapsAcrossUnshifted);
HWY_EXPORT(FourTapsAcross);
HWY_EXPORT(EightTapsAcross);
HWY_EXPORT(BilinearDown);
HWY_EXPORT(HalveDown);
HWY_EXPORT(BicubicDown);
HWY_EXPORT(LanczosDown);
HWY_EXPORT(AreaAcross);
HWY_EXPORT(AreaDownFirst);
HWY_EXPORT(AreaDownNext);
HWY_EXPORT(AreaRound);
HWY_EXPORT(PilAcross);
HWY_EXPORT(PilDown);
HWY_EXPORT(ExpandRow);
HWY_EXPORT(NormalizeRow);

void two_taps_across(const std::uint8_t* row, const Windows& windows, std::int16_t* line) {
  HWY_DYNAMIC_DISPATCH(TwoTapsAcross)(row, windows, line);
}

void two_taps_across_unshifted(const std::uint8_t* row, const Windows& windows, std::int16_t* line) {
  HWY_DYNAMIC_DISPATCH(TwoTapsAcrossUnshifted)(row, windows, line);
}

void four_taps_across(const std::uint8_t* row, const Windows& windows, std::int32_t* line) {
  HWY_DYNAMIC_DISPATCH(FourTapsAcross)(row, windows, line);
}

void eight_taps_across(const std::uint8_t* row, const Windows& windows, std::int32_t* line) {
  HWY_DYNAMIC_DISPATCH(EightTapsAcross)(row, windows, line);
}

void bilinear_down(const BilinearLines& from, int width_px, std::uint8_t* rgbx) {
  HWY_DYNAMIC_DISPATCH(BilinearDown)(from, width_px, rgbx);
}

void halve_down(const std::int16_t* upper, const std::int16_t* lower, int width_px, std::uint8_t* rgbx) {
  HWY_DYNAMIC_DISPATCH(HalveDown)(upper, lower, width_px, rgbx);
}

void bicubic_down(const BicubicLines& from, int width_px, std::uint8_t* rgbx) {
  HWY_DYNAMIC_DISPATCH(BicubicDown)(from, width_px, rgbx);
}

void lanczos_down(const LanczosLines& from, int width_px, std::uint8_t* rgbx) {
  HWY_DYNAMIC_DISPATCH(LanczosDown)(from, width_px, rgbx);
}

void area_across(const std::uint8_t* row, const Stretches& stretches, float* line) {
  HWY_DYNAMIC_DISPATCH(AreaAcross)(row, stretches, line);
}

void area_down_first(const float* line, float share, int width_px, float* sum) {
  HWY_DYNAMIC_DISPATCH(AreaDownFirst)(line, share, width_px, sum);
}

void area_down_next(const float* line, float share, int width_px, float* sum) {
  HWY_DYNAMIC_DISPATCH(AreaDownNext)(line, share, width_px, sum);
}

void area_round(const float* sum, int width_px, std::uint8_t* rgbx) {
  HWY_DYNAMIC_DISPATCH(AreaRound)(sum, width_px, rgbx);
}

void pil_across(const std::uint8_t* row, const Windows& windows, int groups, std::uint8_t* rgbx) {
  HWY_DYNAMIC_DISPATCH(PilAcross)(row, windows, groups, rgbx);
}

void pil_down(const PilLines& from, int width_px, std::uint8_t* rgbx) {
  HWY_DYNAMIC_DISPATCH(PilDown)(from, width_px, rgbx);
}

void expand_row(const std::uint8_t* rgb, int width_px, std::uint8_t* rgbx) {
  HWY_DYNAMIC_DISPATCH(ExpandRow)(rgb, width_px, rgbx);
}

void normalize_row(const std::uint8_t* rgbx, int width_px, float scale, const ChannelOutput (&channels)[3]) {
  HWY_DYNAMIC_DISPATCH(NormalizeRow)(rgbx, width_px, scale, channels);
}

}  // namespace ppinfer
#endif  // HWY_ONCE
