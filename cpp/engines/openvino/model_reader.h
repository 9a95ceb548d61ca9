// A model's files in any format that engine openvino reads, as OpenVINO's own model.
#pragma once

#include <memory>
#include <openvino/openvino.hpp>

#include "engine/engine.h"

namespace ppinfer {

// Throws ModelError, and what OpenVINO throws for a model that it can't read (openvino_error.h makes a reason of it).
std::shared_ptr<ov::Model> read_model(const EngineOptions& options);

}  // namespace ppinfer
