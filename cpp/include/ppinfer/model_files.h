// Writes models in other formats.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace [[gnu::visibility("default")]] ppinfer {

// Writes a Paddle 3 model (inference.json and inference.pdiparams) as OpenVINO IR: `out_path` (*.xml) and the *.bin
// beside it, weights in their own precision. Gives the sides of its first input, -1 where they are open. From any
// thread. Throws ModelError: engine openvino isn't installed or can't read the model, or the files can't be written.
std::vector<std::int64_t> write_pir_as_ir(const std::string& program_path, const std::string& params_path,
                                          const std::string& out_path);

}  // namespace ppinfer
