// One line on the terminal that says how far the run is.
#pragma once

#include <chrono>
#include <cstdint>

#include "ppinfer/predictor.h"

namespace ppinfer {

// Passes every result on and, when `shown`, keeps the line on standard error up to date.
class Progress : public ResultSink {
 public:
  Progress(ResultSink& sink, bool shown);
  ~Progress() override;  // wipes the line
  void write(const Result& result) override;

 private:
  using Clock = std::chrono::steady_clock;
  void show(Clock::time_point now);

  ResultSink& sink_;
  const bool shown_;
  bool on_screen_ = false;
  std::int64_t images_ = 0;
  std::int64_t errors_ = 0;
  const Clock::time_point start_ = Clock::now();
  Clock::time_point last_shown_ = start_;
};

}  // namespace ppinfer
