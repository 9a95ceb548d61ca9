#include "run/run_sink.h"

namespace ppinfer {
namespace {

// Progress is checked every 100 ms, so that no record waits longer than half a second.
constexpr std::chrono::milliseconds kBetweenFlushes{400};

}  // namespace

void RunSink::write(const Result& result) {
  const std::lock_guard lock(mutex_);
  if (failed_) return;  // the run is about to end with the reason
  if (images_to_.sorter != nullptr && result.ok()) images_to_.sorter->add(result);
  if (images_to_.bad_images != nullptr && !result.ok()) images_to_.bad_images->add(result);
  if (errors_ != nullptr && !result.ok()) errors_->write(result);
  store_.write(result);
  ++images_;
  if (!result.ok()) ++errors_count_;
  if (limit_.is_exceeded(images_, errors_count_)) {
    exceeds_limit_ = true;
    source_.stop();
  }
  if (store_.full() || (!is_file_ && is_due())) flush_locked(true);
}

void RunSink::flush_if_due() {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  // A pipe may keep its writer waiting forever; only a lane may wait.
  if (lock.owns_lock() && !failed_ && is_due()) flush_locked(is_file_);
}

void RunSink::flush() {
  const std::lock_guard lock(mutex_);
  if (!failed_) flush_locked(true);
}

bool RunSink::is_due() const { return Clock::now() - last_flush_ >= kBetweenFlushes; }

void RunSink::flush_locked(bool may_wait) {
  failed_ = true;  // unless all of it succeeds
  if (images_to_.bad_images != nullptr) images_to_.bad_images->flush();
  if (errors_ != nullptr) errors_->flush();
  bool is_all = true;
  if (may_wait) {
    store_.flush();
  } else {
    is_all = store_.flush_what_fits();
  }
  failed_ = false;
  if (is_all) last_flush_ = Clock::now();
}

}  // namespace ppinfer
