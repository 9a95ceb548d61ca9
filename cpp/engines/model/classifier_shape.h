// The shapes that an image classifier's input and output must have. All engines share this check and its messages.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/engine.h"

namespace ppinfer {

using Dims = std::vector<std::int64_t>;  // -1 where the model leaves a side open

struct NamedShape {
  std::string name;
  Dims dims;
  std::string type = "f32";
};

std::string to_string(const Dims& dims);  // "[?, 3, 224, 224]"

// Throws ModelError unless the model has one input [N, 3, height, width] that options.input_px fits.
void check_inputs(const EngineOptions& options, const std::vector<NamedShape>& inputs);

// Throws ModelError unless the model has one output; it names those of several that would do.
void check_outputs(const EngineOptions& options, const std::vector<NamedShape>& outputs);

// The class count of the output `dims` that `count` images gave: [count, classes], with any number of further sides
// of 1, or [count], which is one class. Throws ModelError when it isn't such an output or `declared`, the model's own
// word, says otherwise. With options.output_tensor: the values an image of [count, ...]. `name`: the output's, which
// output_tensor takes as a row whatever its shape.
int class_count_of(const EngineOptions& options, const Dims& dims, int count, const Dims& declared,
                   const std::string& name);

// "prob [?, 3], features [?, 512]": of these tensors the ones whose values may be scores, the last few; empty: none.
std::string possible_scores(const std::vector<NamedShape>& tensors);

}  // namespace ppinfer
