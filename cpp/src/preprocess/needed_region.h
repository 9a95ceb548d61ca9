// What a plan reads of an image, so that no more has to be decoded.
#pragma once

#include "core/region.h"
#include "preprocess/plan.h"

namespace ppinfer {

// The part of an image of `image_px` that the plan's output depends on. All of it for an image that the plan refuses.
Region needed_region(const PreprocessPlan& plan, Size image_px);

// The smallest size that an image of `image_px` may be shrunk to beforehand with nothing to be enlarged again: that of
// the resize, where the plan begins with one and it makes the image smaller; else image_px.
Size smallest_source(const PreprocessPlan& plan, Size image_px);

}  // namespace ppinfer
