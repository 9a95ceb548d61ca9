// Which compiled model each instance runs.
#pragma once

#include <memory>
#include <mutex>
#include <openvino/openvino.hpp>
#include <string>
#include <vector>

#include "compiled_batches.h"
#include "engine/engine.h"
#include "model_cache.h"

namespace ppinfer {

// Note [A compiled model an instance]
// OpenVINO runs a request in the caller's thread only where the compiled model has a single stream. Where it has more,
// it hands the request to a thread of its own and waits for it, so that twice as many threads as CPUs take turns. A
// model with little weight therefore is compiled once an instance, with one stream each: two lanes on two CPUs did 8 %
// more images a second with MobileNetV3 small in bf16 (5 MB). Each of these holds weights of its own, laid out for the
// CPU, and where they don't fit into the cache together they drive each other out of it: the same model in fp32 (10 MB)
// did 4 % fewer, PP-LCNet x1.0 (12 MB) 6 %; with 19 MB and more nothing was to gain. So these are compiled once, with a
// stream an instance. What "little" is lies between 12 and 20 MB for both lanes; more lanes, and caches other than one
// of 32 MB, haven't been measured.
class InstanceModels {
 public:
  // Compiles the first. `properties`: all but the number of streams and threads. Throws what CompiledBatches and
  // ModelCache throw.
  InstanceModels(const EngineOptions& options, std::shared_ptr<ov::Model> model, ov::AnyMap properties);

  CompiledBatches& first() { return *first_; }
  bool one_each() const { return one_each_; }
  std::vector<std::string> notices() const { return cache_.notices(); }
  // For one more instance, from any thread; the first call gives first(). The others compile in the thread of whoever
  // needs them, so that lanes do so side by side, and a single image waits for none of them.
  std::shared_ptr<CompiledBatches> next();

 private:
  std::shared_ptr<CompiledBatches> compile();

  const EngineOptions options_;
  const std::shared_ptr<ov::Model> model_;
  ov::AnyMap properties_;
  const bool one_each_;
  ModelCache cache_;
  std::shared_ptr<CompiledBatches> first_;
  std::mutex mutex_;
  bool first_is_taken_ = false;
};

}  // namespace ppinfer
