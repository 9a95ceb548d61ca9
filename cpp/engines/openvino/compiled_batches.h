// A model compiled for the two sizes of batch that come: whole ones, and what is left over.
#pragma once

#include <memory>
#include <mutex>
#include <openvino/openvino.hpp>

#include "engine/engine.h"
#include "model_cache.h"

namespace ppinfer {

// OpenVINO plans memory and kernels for fixed shapes, and works more slowly with open ones: so batches of batch_size
// have a compiled model, and fewer images go one by one through another, which is compiled when they first come.
class CompiledBatches {
 public:
  // `cache` outlives it. Throws ModelError when the model can't take such batches.
  CompiledBatches(const EngineOptions& options, const std::shared_ptr<ov::Model>& model, const ov::AnyMap& properties,
                  ModelCache& cache);

  ov::CompiledModel& whole() { return whole_; }
  ov::CompiledModel& single();  // whole() where batch_size is 1; from any thread

 private:
  const ov::AnyMap properties_;
  ModelCache& cache_;
  ov::CompiledModel whole_;
  std::mutex mutex_;
  std::shared_ptr<ov::Model> single_model_;  // until it's compiled
  ov::CompiledModel single_;
};

}  // namespace ppinfer
