// A probe: images that a model runs on in two ways, and the judgement whether both give the same scores.
#pragma once

#include <string>

#include "core/batch_tensor.h"
#include "engine/engine.h"
#include "ppinfer/span.h"

namespace ppinfer {

// Seeded noise, coarse and fine, in the range that images have after preprocessing. Images differ in brightness and
// contrast, and so do those of another seed.
BatchTensor probe_images(int count, Size size_px, int channels, unsigned seed);

// `images` with each value moved by the rounding error of `precision`, up or down.
BatchTensor rounded_otherwise(const BatchTensor& images, Precision precision);

// Note [When scores disagree]
// Two sound implementations of a model differ by rounding. How much depends on the model: what is rounding in one is a
// lost operator in another. So the trusted implementation's own response to another rounding of its input is measured,
// and the tested scores may differ by a multiple of it. Differences are compared with the span of the scores, since a
// model may add the same to all of them; scores whose span is rounding itself need a second, far smaller allowance.

// Compares scores of one image. `nudged` are the trusted ones for rounded_otherwise. "": they agree, else a phrase with
// the difference. Scores that aren't finite in `trusted` are skipped; elsewhere `tested` must be finite.
std::string disagreement(Span<const float> trusted, Span<const float> nudged, Span<const float> tested,
                         Precision precision);

}  // namespace ppinfer
