// One line on the terminal that shows the progress of the run.
#pragma once

#include "ppinfer/run_text.h"

namespace ppinfer {

// When `shown`, keeps the line on standard error up to date.
class Progress {
 public:
  explicit Progress(bool shown) : shown_(shown) {}
  ~Progress();  // wipes the line
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(const RunSummary& so_far);

 private:
  const bool shown_;
  bool on_screen_ = false;
  RunProgress progress_;
};

}  // namespace ppinfer
