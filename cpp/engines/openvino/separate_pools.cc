#include "separate_pools.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <openvino/op/max_pool.hpp>
#include <set>
#include <string_view>

namespace ppinfer {
namespace {

using Inputs = std::set<ov::Input<ov::Node>>;

// Where one of these reads the pooled values, the plugin moves nothing; and ReLU never falls.
constexpr std::array<std::string_view, 14> kLeftAlone = {
    "AvgPool",      "Concat",           "Convolution", "ConvolutionBackpropData",
    "FakeQuantize", "GroupConvolution", "MatMul",      "MaxPool",
    "Pad",          "ReduceMean",       "Relu",        "Reshape",
    "Result",       "Transpose"};

bool is_left_alone(const Inputs& readers) {
  return readers.empty() || std::any_of(readers.begin(), readers.end(), [](const ov::Input<ov::Node>& reader) {
           const std::string_view type = reader.get_node()->get_type_info().name;
           return std::find(kLeftAlone.begin(), kLeftAlone.end(), type) != kLeftAlone.end();
         });
}

}  // namespace

void separate_pools(ov::Model& model) {
  for (const std::shared_ptr<ov::Node>& pool : model.get_ordered_ops()) {
    if (std::string_view(pool->get_type_info().name) != "MaxPool") continue;
    const Inputs readers = pool->output(0).get_target_inputs();
    const ov::Rank rank = pool->get_output_partial_shape(0).rank();
    if (is_left_alone(readers) || rank.is_dynamic()) continue;
    const auto sides = static_cast<std::size_t>(rank.get_length() - 2);
    const ov::Shape ones(sides, 1), zeros(sides, 0);
    const auto same = std::make_shared<ov::op::v1::MaxPool>(pool->output(0), ov::Strides(sides, 1), zeros, zeros, ones);
    for (ov::Input<ov::Node> reader : readers) reader.replace_source_output(same->output(0));
  }
}

}  // namespace ppinfer
