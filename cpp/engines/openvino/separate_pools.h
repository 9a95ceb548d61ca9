// Works around a fault of OpenVINO's CPU plugin.
#pragma once

#include <openvino/core/model.hpp>

namespace ppinfer {

// The plugin (2026.4.1) computes a convolution, a max pooling and an elementwise operation in the order convolution,
// operation, pooling. That is only right where the operation never falls: SiLU, GELU, Mish, HardSwish and Abs then give
// wrong values. A second pooling of 1x1, which changes nothing, keeps them apart.
void separate_pools(ov::Model& model);

}  // namespace ppinfer
