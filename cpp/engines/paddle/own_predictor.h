// A predictor of Paddle's, and the thread in which everything is done with it.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "own_thread.h"
#include "paddle_abi.h"

namespace ppinfer {

enum class Executor {
  kOptimized,  // as the options say
  kPlain,      // an operator after the other, in fp32: neither oneDNN nor passes
};

// Note [A thread from beginning to end]
// Paddle 3.3 keeps oneDNN's memory of all predictors of a process in one cache. Paddle clears the cache when a thread
// ends that has created, run or destroyed a predictor. If another predictor reads the cache at that moment, the process
// crashes. So each predictor is created, run and destroyed in its own thread, which ends while no predictor runs.
class OwnPredictor {
 public:
  // Throws what Paddle throws.
  explicit OwnPredictor(const EngineOptions& options, Executor executor = Executor::kOptimized);
  ~OwnPredictor();
  OwnPredictor(const OwnPredictor&) = delete;
  OwnPredictor& operator=(const OwnPredictor&) = delete;

  // Calls `work(paddle_infer::Predictor&)`, and gives what it gives. Not to run it.
  template <class Work>
  auto work(const Work& work) {
    decltype(work(*predictor_)) result;
    thread_->run([&] { result = work(*predictor_); });
    return result;
  }

  // Alone, for what is said and decided only then. False: it isn't done.
  bool run_first(const std::vector<paddle::Tensor>& inputs, std::vector<paddle::Tensor>& outputs);
  bool run(const std::vector<paddle::Tensor>& inputs, std::vector<paddle::Tensor>& outputs);

 private:
  void end();  // while none runs

  // Outlives the predictor, so that its id is free only once the predictor's primitives are gone.
  std::unique_ptr<OwnThread> thread_ = std::make_unique<OwnThread>();
  std::shared_ptr<paddle_infer::Predictor> predictor_;
};

}  // namespace ppinfer
