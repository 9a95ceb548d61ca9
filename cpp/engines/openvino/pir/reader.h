// Paddle 3 models (PIR: inference.json and inference.pdiparams) as OpenVINO's, without Paddle.
#pragma once

#include <memory>
#include <openvino/core/model.hpp>
#include <string>

namespace ppinfer::pir {

// Tensors have the names that the program has for them: its inputs' and outputs', and for each result of an operation
// the layer that it's in, if any, the operation and the value's number in the file: "Linear_8/matmul.13".
// Throws ModelError that begins with a file's path: a file that is damaged or of another kind, or whose parts don't
// belong together; or a shape or type that OpenVINO infers otherwise than Paddle did. UnsupportedOperation: a sound
// model with operations, or forms of them, that have no translation.
std::shared_ptr<ov::Model> read_model(const std::string& program_path, const std::string& params_path);

}  // namespace ppinfer::pir
