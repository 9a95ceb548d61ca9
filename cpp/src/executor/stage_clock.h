// Where a lane's time goes.
#pragma once

#include <array>
#include <chrono>

#include "ppinfer/result.h"

namespace ppinfer {

class StageClock {
 public:
  // Adds the time since `start` to `stage` and returns now, the start of what comes next.
  std::chrono::steady_clock::time_point add(Stage stage, std::chrono::steady_clock::time_point start) {
    const auto now = std::chrono::steady_clock::now();
    spent_[static_cast<std::size_t>(stage)] += now - start;
    return now;
  }

  void add(const StageClock& other) {
    for (std::size_t stage = 0; stage < spent_.size(); ++stage) spent_[stage] += other.spent_[stage];
  }

  double ms(Stage stage) const {
    return std::chrono::duration<double, std::milli>(spent_[static_cast<std::size_t>(stage)]).count();
  }

 private:
  std::array<std::chrono::steady_clock::duration, 5> spent_{};  // one for each stage of work; kMachine has none
};

}  // namespace ppinfer
