#include "compiled_batches.h"

#include <unistd.h>

#include <filesystem>
#include <string>
#include <system_error>

#include "openvino_error.h"
#include "ppinfer/error.h"
#include "ppinfer/predictor.h"

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

// OpenVINO tells entries apart by the model's content, its version and the options; the folder tells CPUs apart.
std::string cache_folder(const EngineOptions& options) {
  std::string cpu = cpu_features();
  for (char& letter : cpu) {
    if (letter == ' ' || letter == ',') letter = '-';
  }
  const std::filesystem::path folder = std::filesystem::path(options.cache_dir) / ("openvino-" + cpu);
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error && access(folder.c_str(), W_OK) != 0) error = std::error_code(errno, std::generic_category());
  if (error) throw ModelError("model_cache_dir " + options.cache_dir + ": can't be written: " + error.message());
  return folder.string();
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
  if (!options.cache_dir.empty()) properties_[ov::cache_dir.name()] = cache_folder(options);
  whole_ = openvino_core().compile_model(of_batch(options.batch_size, options, *model), "CPU", properties_);
  if (options.batch_size > 1) single_model_ = of_batch(1, options, *model);
}

ov::CompiledModel& CompiledBatches::single() {
  const std::lock_guard lock(mutex_);
  if (single_model_) {
    single_ = openvino_core().compile_model(single_model_, "CPU", properties_);
    single_model_.reset();
  }
  return single_ ? single_ : whole_;
}

}  // namespace ppinfer
