#include "separate_weights.h"

#include <cstddef>
#include <map>
#include <memory>
#include <openvino/op/constant.hpp>
#include <openvino/op/matmul.hpp>
#include <string>
#include <string_view>

namespace ppinfer {
namespace {

using Constant = ov::op::v0::Constant;

// In which order an operation reads its weights; empty: it has none.
std::string order_of(const ov::Node& node) {
  const std::string_view type = node.get_type_info().name;
  if (type == "Convolution" || type == "GroupConvolution") return "convolution";
  if (type == "ConvolutionBackpropData" || type == "GroupConvolutionBackpropData") return "transposed convolution";
  if (type != "MatMul") return "";
  return dynamic_cast<const ov::op::v0::MatMul&>(node).get_transpose_b() ? "transposed product" : "product";
}

bool keeps_order(const ov::Node& node) {
  const std::string_view type = node.get_type_info().name;
  return type == "Reshape" || type == "Squeeze" || type == "Unsqueeze";
}

// `value`, read from a copy of the constant that it is made of.
ov::Output<ov::Node> with_own_constant(const ov::Output<ov::Node>& value) {
  const std::shared_ptr<ov::Node> node = value.get_node_shared_ptr();
  if (const auto constant = std::dynamic_pointer_cast<Constant>(node)) {
    return std::make_shared<Constant>(constant->get_element_type(), constant->get_shape(), constant->get_data_ptr());
  }
  ov::OutputVector inputs = node->input_values();
  inputs[0] = with_own_constant(inputs[0]);
  return node->clone_with_new_inputs(inputs)->output(value.get_index());
}

}  // namespace

void separate_weights(ov::Model& model) {
  std::map<const void*, std::string> orders;  // in which the first operation with these weights reads them
  for (const std::shared_ptr<ov::Node>& node : model.get_ordered_ops()) {
    const std::string order = order_of(*node);
    if (order.empty()) continue;
    const ov::Output<ov::Node> value = node->input_value(1);
    const ov::Node* source = value.get_node();
    while (keeps_order(*source)) source = source->get_input_node_ptr(0);
    const auto* constant = dynamic_cast<const Constant*>(source);
    if (constant == nullptr) continue;
    if (orders.emplace(constant->get_data_ptr(), order).first->second == order) continue;
    node->input(1).replace_source_output(with_own_constant(value));
  }
}

}  // namespace ppinfer
