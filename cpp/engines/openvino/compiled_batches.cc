#include "compiled_batches.h"

#include <optional>
#include <string>

#include "model_cache.h"
#include "openvino_error.h"
#include "ppinfer/error.h"

namespace ppinfer {
namespace {

// One at a time: nobody says that a model may be cloned from several threads.
std::shared_ptr<ov::Model> clone(const ov::Model& model) {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  return model.clone();  // shares the weights
}

std::shared_ptr<ov::Model> of_batch(int batch, const EngineOptions& options, const ov::Model& model) {
  std::shared_ptr<ov::Model> reshaped = clone(model);
  try {
    reshaped->reshape(ov::PartialShape{batch, options.channels, options.input_px.height, options.input_px.width});
  } catch (const ov::Exception& error) {
    throw ModelError(options.model_path + ": can't take batches of " + std::to_string(batch) + " images of " +
                     std::to_string(options.input_px.width) + "x" + std::to_string(options.input_px.height) +
                     " pixels: " + reason_of(error));
  }
  return reshaped;
}

}  // namespace

// Never destroyed: at exit its plugins may be gone before it.
ov::Core& openvino_core() {
  static ov::Core* const core = std::make_unique<ov::Core>().release();
  return *core;
}

CompiledBatches::CompiledBatches(const EngineOptions& options, const std::shared_ptr<ov::Model>& model,
                                 const ov::AnyMap& properties)
    : properties_(properties) {
  if (!options.cache_dir.empty()) {
    cache_folder_ = cache_folder(options);
    properties_[ov::cache_dir.name()] = cache_folder_;
  }
  whole_ = compiled(of_batch(options.batch_size, options, *model));
  if (options.batch_size > 1) single_model_ = of_batch(1, options, *model);
}

ov::CompiledModel CompiledBatches::compiled(const std::shared_ptr<ov::Model>& model) const {
  std::optional<CacheLock> lock;
  if (!cache_folder_.empty()) lock.emplace(cache_folder_);
  return openvino_core().compile_model(model, "CPU", properties_);
}

ov::CompiledModel& CompiledBatches::single() {
  const std::lock_guard lock(mutex_);
  if (single_model_) {
    single_ = compiled(single_model_);
    single_model_.reset();
  }
  return single_ ? single_ : whole_;
}

}  // namespace ppinfer
