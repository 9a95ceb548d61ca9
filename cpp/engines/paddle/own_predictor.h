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
// Paddle 3.3 keeps oneDNN's memory of all predictors of a process in one place, and empties all of it when a thread
// ends that has ever had to do with it, be it to create or destroy a predictor. Another predictor that looks up the two
// halves of something at that moment finds one of them, and the process crashes. So a predictor is created, run and
// destroyed in its own thread, and that thread ends while none runs.
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
