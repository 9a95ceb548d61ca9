#include "instance_models.h"

#include <cstddef>
#include <openvino/op/constant.hpp>
#include <utility>

namespace ppinfer {
namespace {

constexpr std::size_t kLittleWeight = std::size_t{16} << 20;  // bytes, of all instances together

// As the CPU reads them, whatever the file has; at most, where a quantised model holds its weights as float.
std::size_t weight_bytes(const ov::Model& model, Precision precision) {
  const std::size_t float_bytes = precision == Precision::kBf16 ? 2 : 4;
  std::size_t bytes = 0;
  for (const std::shared_ptr<ov::Node>& node : model.get_ops()) {
    const auto constant = std::dynamic_pointer_cast<ov::op::v0::Constant>(node);
    if (!constant) continue;
    bytes += constant->get_element_type().is_real() ? ov::shape_size(constant->get_shape()) * float_bytes
                                                    : constant->get_byte_size();
  }
  return bytes;
}

bool is_little(const ov::Model& model, const EngineOptions& options) {
  return weight_bytes(model, options.precision) * static_cast<std::size_t>(options.instances) <= kLittleWeight;
}

}  // namespace

InstanceModels::InstanceModels(const EngineOptions& options, std::shared_ptr<ov::Model> model, ov::AnyMap properties)
    : options_(options),
      model_(std::move(model)),
      properties_(std::move(properties)),
      one_each_(is_little(*model_, options)),
      cache_(options) {
  const int streams = one_each_ ? 1 : options.instances;
  properties_.insert(ov::num_streams(streams));
  properties_.insert(ov::inference_num_threads(streams * options.threads_per_instance));
  first_ = compile();
}

std::shared_ptr<CompiledBatches> InstanceModels::next() {
  {
    const std::lock_guard lock(mutex_);
    if (!one_each_ || !std::exchange(first_is_taken_, true)) return first_;
  }
  return compile();
}

std::shared_ptr<CompiledBatches> InstanceModels::compile() {
  return std::make_shared<CompiledBatches>(options_, model_, properties_, cache_);
}

}  // namespace ppinfer
