// A model compiled for the two sizes of batch that come: whole ones, and what is left over.
#pragma once

#include <memory>
#include <mutex>
#include <openvino/openvino.hpp>
#include <string>

#include "engine/engine.h"

namespace ppinfer {

ov::Core& openvino_core();  // one for the process

// OpenVINO plans memory and kernels for fixed shapes, and works more slowly with open ones: so batches of batch_size
// have a compiled model, and fewer images go one by one through another, which is compiled when they first come.
class CompiledBatches {
 public:
  // Throws ModelError when the model can't take such batches, or the cache can't be written.
  CompiledBatches(const EngineOptions& options, const std::shared_ptr<ov::Model>& model, const ov::AnyMap& properties);

  ov::CompiledModel& whole() { return whole_; }
  ov::CompiledModel& single();  // whole() where batch_size is 1; from any thread

 private:
  ov::CompiledModel compiled(const std::shared_ptr<ov::Model>& model) const;

  ov::AnyMap properties_;
  std::string cache_folder_;  // empty: nothing is kept
  ov::CompiledModel whole_;
  std::mutex mutex_;
  std::shared_ptr<ov::Model> single_model_;  // until it's compiled
  ov::CompiledModel single_;
};

}  // namespace ppinfer
