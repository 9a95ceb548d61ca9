// Which model this is, by all that it consists of.
#pragma once

#include <cstdint>
#include <memory>
#include <openvino/openvino.hpp>

namespace ppinfer {

// The same for the same operations, shapes and weights in every process, whatever file they come from and whatever its
// nodes are called: they are renamed here. Throws what OpenVINO throws where it can't write such a model.
std::uint64_t identity_of(const std::shared_ptr<ov::Model>& model);

}  // namespace ppinfer
