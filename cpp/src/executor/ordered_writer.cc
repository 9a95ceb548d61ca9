#include "executor/ordered_writer.h"

#include <chrono>

namespace ppinfer {

bool OrderedWriter::put(std::int64_t sequence, std::vector<Result>& results) {
  std::unique_lock lock(mutex_);
  advanced_.wait(lock, [&] { return stopped_ || sequence < next_ + static_cast<std::int64_t>(waiting_.size()); });
  if (stopped_) return false;
  Slot& own = slot(sequence);
  own.results.swap(results);
  own.ready = true;
  if (!writing_) write_ready(lock);
  return !stopped_;
}

void OrderedWriter::write_ready(std::unique_lock<std::mutex>& lock) {
  writing_ = true;
  while (!stopped_ && slot(next_).ready) {
    leaving_.swap(slot(next_).results);
    lock.unlock();  // a slow sink holds up nobody but the lane that writes
    const RunStats written = write(leaving_);
    lock.lock();
    left_.images += written.images;
    left_.errors += written.errors;
    left_.machine_errors += written.machine_errors;
    left_.write_ms += written.write_ms;
    leaving_.swap(slot(next_).results);
    slot(next_).ready = false;
    ++next_;
    advanced_.notify_all();
  }
  writing_ = false;
}

RunStats OrderedWriter::write(const std::vector<Result>& results) {
  RunStats written;
  const auto start = std::chrono::steady_clock::now();
  for (const Result& result : results) {
    sink_.write(result);
    ++written.images;
    if (!result.ok()) ++written.errors;
    if (!result.ok() && result.error->stage == Stage::kMachine) ++written.machine_errors;
  }
  written.write_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  return written;
}

RunStats OrderedWriter::stats() const {
  const std::lock_guard lock(mutex_);
  return left_;
}

void OrderedWriter::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  advanced_.notify_all();
}

}  // namespace ppinfer
