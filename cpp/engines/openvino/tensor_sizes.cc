#include "tensor_sizes.h"

#include <cstdint>
#include <openvino/op/util/multi_subgraph_base.hpp>

#include "core/message_text.h"
#include "ppinfer/error.h"

namespace ppinfer {
namespace {

constexpr std::int64_t kMaxValues = (std::int64_t{1} << 31) - 1;  // what oneDNN counts with 32 bits

// Sides that are open count as 1.
bool is_too_large(const ov::PartialShape& shape) {
  if (shape.rank().is_dynamic()) return false;
  std::int64_t values = 1;
  bool is_empty = false;
  for (const ov::Dimension& side : shape) {
    if (side.is_dynamic()) continue;
    if (side.get_length() == 0) is_empty = true;
    if (side.get_length() > kMaxValues) return true;  // whatever the others are: OpenVINO multiplies some of them
    if (is_empty) continue;
    if (__builtin_mul_overflow(values, side.get_length(), &values)) return true;
  }
  return !is_empty && values > kMaxValues;
}

}  // namespace

void check_tensor_sizes(const std::string& model_path, const ov::Model& model) {
  for (const std::shared_ptr<ov::Node>& node : model.get_ops()) {
    for (const ov::Output<ov::Node>& tensor : node->outputs()) {
      if (!is_too_large(tensor.get_partial_shape())) continue;
      throw ModelError(model_path + ": " + node->get_type_name() + " " + shown_word(node->get_friendly_name()) +
                       " gives a tensor of " + tensor.get_partial_shape().to_string() +
                       ": at most 2147483647 values were expected");
    }
    const auto with_bodies = std::dynamic_pointer_cast<ov::op::util::MultiSubGraphOp>(node);
    if (!with_bodies) continue;
    for (const std::shared_ptr<ov::Model>& body : with_bodies->get_functions()) check_tensor_sizes(model_path, *body);
  }
}

}  // namespace ppinfer
