// One lane: inputs in, results out, every stage in one thread and in the lane's own memory.
#pragma once

#include <cstdint>
#include <vector>

#include "core/batch_tensor.h"
#include "engine/engine.h"
#include "executor/pool.h"
#include "executor/slot_filler.h"
#include "executor/stage_clock.h"
#include "postprocess/postprocessor.h"
#include "ppinfer/image.h"
#include "ppinfer/result.h"

namespace ppinfer {

using EnginePool = Pool<EngineInstance>;

// What all lanes share. Borrowed: outlives them.
struct Pipeline {
  DecodeOptions decode;
  PreprocessPlan plan;
  int batch_size = 1;
  bool pins_lanes = false;  // to a CPU each, while they run
  EnginePool* engines = nullptr;
};

class Lane {
 public:
  explicit Lane(const Pipeline& pipeline);

  // results[i] becomes what `postprocessor` makes of inputs[i]; at most batch_size inputs. Whatever goes wrong with one
  // image is its own result's error. Clears `inputs`, so that what they keep alive is let go.
  void classify(const Postprocessor& postprocessor, std::vector<ImageInput>& inputs, std::vector<Result>& results,
                StageClock& times);

 private:
  void infer(const Postprocessor& postprocessor, std::vector<Result>& results, StageClock& times);
  void infer_alone(const Postprocessor& postprocessor, std::vector<Result>& results, EngineInstance& instance,
                   StageClock& times);

  EnginePool& engines_;
  SlotFiller filler_;
  BatchTensor batch_;
  std::vector<std::size_t> filled_;  // which result each filled slot belongs to
};

}  // namespace ppinfer
