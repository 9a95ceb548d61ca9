// Batches of results that finish in any order leave in input order.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <vector>

#include "ppinfer/predictor.h"

namespace ppinfer {

class OrderedWriter {
 public:
  // At most `window` batches wait for an earlier one; a lane further ahead than that is held back, so memory is
  // bounded.
  OrderedWriter(ResultSink& sink, std::size_t window) : sink_(sink), waiting_(window) {}

  // Takes over the results of batch `sequence` (0, 1, 2, ... each once); `results` comes back with used-up memory to
  // fill anew. Whichever lane completes the next batch in order writes all that is ready. False: stop() was called.
  // Throws what the sink throws.
  bool put(std::int64_t sequence, std::vector<Result>& results);

  // Lets go of every lane that waits; nothing more is written.
  void stop();

  RunStats stats() const;  // images, errors and write_ms of the batches that have left; in any thread, at any time

 private:
  struct Slot {
    std::vector<Result> results;
    bool ready = false;
  };

  Slot& slot(std::int64_t sequence) { return waiting_[static_cast<std::size_t>(sequence) % waiting_.size()]; }
  void write_ready(std::unique_lock<std::mutex>& lock);
  RunStats write(const std::vector<Result>& results);

  ResultSink& sink_;
  mutable std::mutex mutex_;
  std::condition_variable advanced_;
  std::vector<Slot> waiting_;
  std::vector<Result> leaving_;
  std::int64_t next_ = 0;  // the batch to be written next
  bool writing_ = false;   // some lane is in write_ready()
  bool stopped_ = false;
  RunStats left_;
};

}  // namespace ppinfer
