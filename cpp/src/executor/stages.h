// The stages before the engine, one image at a time and with what they make in hand. Each does what a lane does, and
// throws where a lane makes an error Result: BadImageError, or RuntimeFailure for a failure of the machine.
// Thread-safe.
#pragma once

#include <vector>

#include "decode/decode_options.h"
#include "ppinfer/image.h"
#include "preprocess/plan.h"

namespace ppinfer {

RgbPixels decoded(const ImageInput& input, DecodeOptions options);  // all of it, whatever options.needed_region says
// After the operations on pixels, before they are normalised. Whatever order the plan normalises in.
RgbPixels resized(const ImageInput& input, const DecodeOptions& options, PreprocessPlan plan);
std::vector<float> preprocessed(const ImageInput& input, const DecodeOptions& options, const PreprocessPlan& plan);

}  // namespace ppinfer
