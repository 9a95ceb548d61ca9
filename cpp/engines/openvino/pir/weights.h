// The weights of a Paddle 3 model: `inference.pdiparams`.
#pragma once

#include <map>
#include <openvino/core/node.hpp>
#include <string>
#include <vector>

#include "program.h"

namespace ppinfer::pir {

// The file has no names: its tensors come in the order of the names' bytes. Gives each weight as a constant, by its
// number. They use the mapped file where its values are aligned, and keep it mapped.
// Throws ModelError: their count, shapes or types aren't the program's, or the file is damaged.
std::map<ValueId, ov::Output<ov::Node>> read_weights(const std::string& path, const std::vector<Weight>& weights);

}  // namespace ppinfer::pir
