// When Paddle's predictors may run, be created and be destroyed.
#pragma once

#include <mutex>
#include <shared_mutex>

namespace ppinfer {

// To create or destroy a predictor while another one runs crashes the process (Note [A thread from beginning to end]);
// that they run at the same time is fine.
class PredictorGate {
 public:
  std::shared_lock<std::shared_mutex> to_run() {
    const std::lock_guard turn(turn_);
    return std::shared_lock(lock_);
  }

  // To create or destroy. New runs wait meanwhile, so that those under way come to an end.
  std::unique_lock<std::shared_mutex> to_change() {
    const std::lock_guard turn(turn_);
    return std::unique_lock(lock_);
  }

 private:
  std::mutex turn_;
  std::shared_mutex lock_;
};

}  // namespace ppinfer
