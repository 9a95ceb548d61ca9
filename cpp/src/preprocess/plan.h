// What is done to the pixels between decoding and the engine, as a list of operations and the geometry that follows.
#pragma once

#include <variant>
#include <vector>

#include "ppinfer/types.h"

namespace ppinfer {

struct ResizeShort {  // the shorter side becomes short_side_px, the other follows
  int short_side_px = 256;
  Interpolation interpolation = Interpolation::kBilinear;
};

struct ResizeTo {  // exactly this size, whatever the aspect ratio was
  Size size_px;
  Interpolation interpolation = Interpolation::kBilinear;
};

struct CenterCrop {  // offset (side - crop) / 2, rounded down; a smaller image is an ImageFailure
  Size size_px;
};

using PixelOp = std::variant<ResizeShort, ResizeTo, CenterCrop>;

struct Normalize {  // (pixel * scale - mean) / std, in float32, channels in `order`
  double scale = 1.0 / 255.0;
  double mean[3] = {0, 0, 0};
  double std[3] = {1, 1, 1};
  ChannelOrder order = ChannelOrder::kRgb;
};

struct PreprocessPlan {
  std::vector<PixelOp> pixel_ops;
  Normalize normalize;
  Size output_px;  // what the ops end in
};

// The size that ResizeShort makes of an image: float64 ratio, halves rounded to even, as Python does.
Size resize_short_size(Size image_px, int short_side_px);

}  // namespace ppinfer
