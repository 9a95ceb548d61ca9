#include "separate_weights.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <openvino/core/rt_info.hpp>
#include <openvino/op/constant.hpp>
#include <openvino/op/matmul.hpp>
#include <string>
#include <string_view>

namespace ppinfer {
namespace {

using Constant = ov::op::v0::Constant;

// What stands between a constant and the operation that takes it as weights. The constant comes by the first input.
constexpr std::array<std::string_view, 8> kBetween = {"Convert", "FakeQuantize", "Multiply",  "Reshape",
                                                      "Squeeze", "Subtract",     "Transpose", "Unsqueeze"};

// How an operation reads its weights; empty: it has none.
std::string reading_of(const ov::Node& node) {
  const std::string_view type = node.get_type_info().name;
  if (type == "Convolution" || type == "GroupConvolution") return "convolution";
  if (type == "ConvolutionBackpropData" || type == "GroupConvolutionBackpropData") return "transposed convolution";
  if (type != "MatMul") return "";
  return dynamic_cast<const ov::op::v0::MatMul&>(node).get_transpose_b() ? "transposed product" : "product";
}

struct Source {
  const Constant* constant;  // null: something else is read
  std::string path;          // the operations between, the last first
};

Source source_of(const ov::Node* node) {
  std::string path;
  while (std::find(kBetween.begin(), kBetween.end(), node->get_type_info().name) != kBetween.end()) {
    path += std::string("<") + node->get_type_info().name;
    node = node->get_input_node_ptr(0);
  }
  return {dynamic_cast<const Constant*>(node), path};
}

// `value`, made of a copy of its constant.
ov::Output<ov::Node> with_own_constant(const ov::Output<ov::Node>& value) {
  const std::shared_ptr<ov::Node> node = value.get_node_shared_ptr();
  if (const auto constant = std::dynamic_pointer_cast<Constant>(node)) {
    return std::make_shared<Constant>(constant->get_element_type(), constant->get_shape(), constant->get_data_ptr());
  }
  ov::OutputVector inputs = node->input_values();
  inputs[0] = with_own_constant(inputs[0]);
  const std::shared_ptr<ov::Node> copy = node->clone_with_new_inputs(inputs);
  ov::copy_runtime_info(node, copy);
  return copy->output(value.get_index());
}

}  // namespace

void separate_weights(ov::Model& model) {
  std::map<const void*, std::string> readings;  // of the first operation with these weights
  for (const std::shared_ptr<ov::Node>& node : model.get_ordered_ops()) {
    const std::string reading = reading_of(*node);
    if (reading.empty()) continue;
    const Source source = source_of(node->get_input_node_ptr(1));
    if (source.constant == nullptr) continue;
    const std::string whole_reading = reading + source.path;
    if (readings.emplace(source.constant->get_data_ptr(), whole_reading).first->second == whole_reading) continue;
    node->input(1).replace_source_output(with_own_constant(node->input_value(1)));
  }
}

}  // namespace ppinfer
