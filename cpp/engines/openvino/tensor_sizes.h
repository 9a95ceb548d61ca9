// Limits on the tensors of a model, before anything is computed or allocated for them.
#pragma once

#include <openvino/openvino.hpp>
#include <string>

namespace ppinfer {

// Throws ModelError: a tensor of the model or of a model inside it has 2^31 values or more. OpenVINO multiplies sides
// without looking for an overflow: a weight of [3, 2^62 + 4] passes for one of 12 values, and its loops never end.
void check_tensor_sizes(const std::string& model_path, const ov::Model& model);

}  // namespace ppinfer
