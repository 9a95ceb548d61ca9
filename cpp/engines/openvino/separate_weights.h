// Works around a fault of OpenVINO's CPU plugin.
#pragma once

#include <openvino/core/model.hpp>

namespace ppinfer {

// The plugin (2026.4.1, with AVX-512) packs weights once for all operations that share them, also for those that read
// them in another order: a convolution and a transposed convolution, a product with a square matrix and one with its
// transpose. One of them then gives wrong values. Each of these kinds gets weights of its own.
void separate_weights(ov::Model& model);

}  // namespace ppinfer
