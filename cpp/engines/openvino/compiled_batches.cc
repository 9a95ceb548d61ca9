#include "compiled_batches.h"

#include <string>

#include "openvino_error.h"
#include "ppinfer/error.h"
#include "tensor_sizes.h"

namespace ppinfer {
namespace {

// One at a time: nobody says that a model may be cloned from several threads.
std::shared_ptr<ov::Model> clone(const ov::Model& model) {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  return model.clone();  // shares the weights
}

// For a model whose input has dynamic sides: only the model's operations show its layout.
bool takes_channels_last(int batch, const EngineOptions& options, const ov::Model& model) {
  try {
    clone(model)->reshape(ov::PartialShape{batch, options.input_px.height, options.input_px.width, options.channels});
    return true;
  } catch (const ov::Exception&) {
    return false;
  }
}

std::shared_ptr<ov::Model> of_batch(int batch, const EngineOptions& options, const ov::Model& model) {
  std::shared_ptr<ov::Model> reshaped = clone(model);
  try {
    reshaped->reshape(ov::PartialShape{batch, options.channels, options.input_px.height, options.input_px.width});
  } catch (const ov::Exception& error) {
    if (takes_channels_last(batch, options, model)) {
      throw ModelError(options.model_path +
                       ": the model's input is channels-last (NHWC), preprocessing yields channels-first: [N, " +
                       std::to_string(options.channels) +
                       ", height, width]. Export the model with channels first (NCHW)");
    }
    throw ModelError(options.model_path + ": can't take batches of " + std::to_string(batch) + " images of " +
                     std::to_string(options.input_px.width) + "x" + std::to_string(options.input_px.height) +
                     " pixels: " + reason_of(error));
  }
  check_tensor_sizes(options.model_path, *reshaped);
  return reshaped;
}

}  // namespace

CompiledBatches::CompiledBatches(const EngineOptions& options, const std::shared_ptr<ov::Model>& model,
                                 const ov::AnyMap& properties, ModelCache& cache)
    : properties_(properties),
      cache_(cache),
      whole_(cache.compiled(of_batch(options.batch_size, options, *model), properties)) {
  if (options.batch_size > 1) single_model_ = of_batch(1, options, *model);
}

ov::CompiledModel& CompiledBatches::single() {
  const std::lock_guard lock(mutex_);
  if (single_model_) {
    single_ = cache_.compiled(single_model_, properties_);
    single_model_.reset();
  }
  return single_ ? single_ : whole_;
}

}  // namespace ppinfer
