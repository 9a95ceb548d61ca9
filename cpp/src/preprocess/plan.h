// What is done to the pixels between decoding and the engine, as a list of operations and the geometry that follows.
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "ppinfer/image.h"
#include "ppinfer/types.h"

namespace ppinfer {

struct ResizeShort {  // the shorter side becomes short_side_px, the other follows
  int short_side_px = 256;
  Interpolation interpolation = Interpolation::kBilinear;
  ResizeBackend backend = ResizeBackend::kCv2;
};

struct ResizeTo {  // exactly this size, whatever the aspect ratio was
  Size size_px;
  Interpolation interpolation = Interpolation::kBilinear;
  ResizeBackend backend = ResizeBackend::kCv2;
};

struct CenterCrop {  // offset (side - crop) / 2, rounded down; a smaller image is an ImageFailure
  Size size_px;
};

struct CenterSquare {  // side: `ratio` of the shorter side, rounded down; at the offset of CenterCrop
  double ratio = 1;
};

using PixelOp = std::variant<ResizeShort, ResizeTo, CenterCrop, CenterSquare>;

bool is_crop(const PixelOp& op);

struct Normalize {  // (pixel * scale - mean) / std, in float32, channels in `order`
  double scale = 1.0 / 255.0;
  double mean[3] = {0, 0, 0};
  double std[3] = {1, 1, 1};
  ChannelOrder order = ChannelOrder::kRgb;
  bool round_to_fp16 = false;  // each value then, to the nearest fp16, halves to even
};

struct PreprocessPlan {
  std::vector<PixelOp> pixel_ops;
  Normalize normalize;
  Size output_px;           // what the ops end in
  int output_channels = 3;  // of the tensor; the colours are the first three
};

// An image may be 1 px wide and resize_short ask for millions of pixels of height; more than this is refused.
constexpr std::int64_t kMaxResizedPixels = 400'000'000;

// The size that ResizeShort makes of an image: float64 ratio, halves rounded to even, as Python does. A side beyond int
// is given as the largest int.
Size resize_short_size(Size image_px, int short_side_px);

// Throws Error for an interpolation that the backend doesn't have.
void require_interpolation(ResizeBackend backend, Interpolation interpolation);

// The size after one operation on an image of `image_px`. Throws ImageFailure(kPreprocess): the image is smaller than
// the crop, a square has no pixels left, or the resized image is larger than kMaxResizedPixels.
Size size_after(const PixelOp& op, Size image_px);

// Throws ImageFailure(kPreprocess) for an image without pixels (an empty array can be handed in).
void require_pixels(const PixelView& image);

// Throws ImageFailure(kPreprocess) unless the operations have led to plan.output_px.
void require_output_size(const PreprocessPlan& plan, Size size_px);

}  // namespace ppinfer
