// The inner loops of resizing and normalising, one image row at a time, in the best instruction set that the CPU has
// (chosen at run time; all give the same bits). Plain loops over them, and the geometry, stand elsewhere.
//
// Rows of resized pixels are RGBX: 4 bytes a pixel, the fourth without meaning. Every line but a plane is padded: a
// kernel may write and read up to padded_px(width_px) pixels of it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ppinfer {

constexpr int kLinePaddingPx = 64;  // pixels of the widest vector, with room to spare
constexpr std::size_t padded_px(int width_px) {
  return (static_cast<std::size_t>(width_px) + kLinePaddingPx - 1) / kLinePaddingPx * kLinePaddingPx;
}

// The source pixels of each pixel of a resized line: neighbouring pixels, the first at row[byte_offsets[x]].
// Arrays are padded to padded_px(width_px) windows with copies of the last window.
struct Windows {
  int width_px = 0;
  const std::int32_t* byte_offsets = nullptr;
  const std::int32_t* weight_pairs = nullptr;  // two int16 in one: the even tap's weight low, the odd one's high
};
constexpr int kTwoTapBytesRead = 8;  // from a window's first byte on
constexpr int kFourTapBytesRead = 16;
constexpr int kEightTapBytesRead = 28;

// Two taps a window, one weight pair. line[4 * x + channel] = (sum of tap * weight) >> 4, or the sum itself.
void two_taps_across(const std::uint8_t* row, const Windows& windows, std::int16_t* line);
void two_taps_across_unshifted(const std::uint8_t* row, const Windows& windows, std::int16_t* line);
// Four taps a window, two weight pairs.
void four_taps_across(const std::uint8_t* row, const Windows& windows, std::int32_t* line);
// Eight taps a window, four weight pairs.
void eight_taps_across(const std::uint8_t* row, const Windows& windows, std::int32_t* line);

struct BilinearLines {
  const std::int16_t* lines[2];
  int weights[2];  // in 1/2048
};
// ((line * weight) >> 16 of each, added, + 2) >> 2, in 0..255
void bilinear_down(const BilinearLines& from, int width_px, std::uint8_t* rgbx);
// (line + line + 2) >> 2
void halve_down(const std::int16_t* upper, const std::int16_t* lower, int width_px, std::uint8_t* rgbx);

struct BicubicLines {
  const std::int32_t* lines[4];
  float weights[4];
};
// In float32, summed from the last line to the first, rounded to even, in 0..255
void bicubic_down(const BicubicLines& from, int width_px, std::uint8_t* rgbx);

struct LanczosLines {
  const std::int32_t* lines[8];
  int weights[8];  // in 1/2048
};
// (sum of line * weight + half a unit) >> 22, in 0..255
void lanczos_down(const LanczosLines& from, int width_px, std::uint8_t* rgbx);

// The source pixels that each pixel of a line covers, in part at the ends of its stretch. Not padded.
struct Stretches {
  int width_px = 0;
  const std::int32_t* byte_offsets = nullptr;  // of a stretch's first pixel
  const std::int32_t* ends = nullptr;          // where its shares end in `shares`; they begin where the last's end
  const float* shares = nullptr;               // one a source pixel
};
constexpr int kAreaBytesRead = 4;  // from a pixel's first byte on
// line[4 * x + channel] = sum of pixel * share, in float32 from the first to the last
void area_across(const std::uint8_t* row, const Stretches& stretches, float* line);
// sum = line * share, and sum += line * share
void area_down_first(const float* line, float share, int width_px, float* sum);
void area_down_next(const float* line, float share, int width_px, float* sum);
// Rounded to even, in 0..255
void area_round(const float* sum, int width_px, std::uint8_t* rgbx);

// Weights of Pillow: 22 fraction bits and more than an int16 holds, so each stands in two halves:
// high * kPilHighUnit + low.
constexpr int kPilFractionBits = 22;
constexpr int kPilLowBits = 12;
// Windows of 4 * groups taps. Of window x and group g the weight pairs (0, 1) and (2, 3) stand at
// [4 * (groups * x + g)], the low halves first: low 01, low 23, high 01, high 23.
void pil_across(const std::uint8_t* row, const Windows& windows, int groups, std::uint8_t* rgbx);
// lines[2 * pair], lines[2 * pair + 1] with the weight pairs [2 * pair] (low halves) and [2 * pair + 1] (high halves).
struct PilLines {
  const std::uint8_t* const* lines = nullptr;
  const std::int32_t* weight_pairs = nullptr;
  int pairs = 0;
};
void pil_down(const PilLines& from, int width_px, std::uint8_t* rgbx);

// RGB without gaps to RGBX. Reads no byte beyond the row.
void expand_row(const std::uint8_t* rgb, int width_px, std::uint8_t* rgbx);

struct ChannelOutput {  // of one channel of the source, in the source's order
  float* plane;         // width_px values are written
  float mean;
  float std;
};
// (pixel * scale - mean) / std, each step rounded to float32
void normalize_row(const std::uint8_t* rgbx, int width_px, float scale, const ChannelOutput (&channels)[3]);

}  // namespace ppinfer
