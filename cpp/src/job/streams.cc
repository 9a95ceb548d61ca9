#include "job/streams.h"

namespace ppinfer {
namespace {

// With what a look is late, it makes half a second.
constexpr std::chrono::milliseconds kBetweenFlushes{400};

}  // namespace

void FactsInFlight::push(const InputFacts& facts) {
  const std::lock_guard lock(mutex_);
  if (count_ == ring_.size()) {
    std::vector<InputFacts> larger(2 * ring_.size());
    for (std::size_t index = 0; index < count_; ++index) larger[index] = ring_[(first_ + index) % ring_.size()];
    ring_.swap(larger);
    first_ = 0;
  }
  ring_[(first_ + count_) % ring_.size()] = facts;
  ++count_;
}

InputFacts FactsInFlight::pop() {
  const std::lock_guard lock(mutex_);
  const InputFacts oldest = ring_[first_];
  first_ = (first_ + 1) % ring_.size();
  --count_;
  return oldest;
}

bool JobSource::next(ImageInput& input) {
  if (ended_ || !files_.next(input)) return false;
  in_flight_.push(facts_of(input));
  return true;
}

void JobSink::write(const Result& result) {
  const std::lock_guard lock(mutex_);
  const InputFacts input = in_flight_.pop();
  if (failed_) return;  // the run is about to end with the reason
  if (errors_ != nullptr && !result.ok()) errors_->write(result);
  store_.write(result);
  if (journal_ != nullptr) journal_->append(input, !result.ok());
  ++images_done_;
  if (!result.ok()) ++errors_done_;
  if (limit_.is_exceeded(images_done_, errors_done_)) {
    exceeds_limit_ = true;
    source_.stop();
  }
  if (store_.full() || (journal_ == nullptr && is_due())) flush_locked(true);
}

void JobSink::flush_if_due() {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  // What isn't a file, such as a pipe, may keep a writer waiting for ever: let that be a lane.
  if (lock.owns_lock() && !failed_ && is_due()) flush_locked(journal_ != nullptr);
}

void JobSink::flush() {
  const std::lock_guard lock(mutex_);
  if (!failed_) flush_locked(true);
}

bool JobSink::is_due() const { return Clock::now() - last_flush_ >= kBetweenFlushes; }

void JobSink::flush_locked(bool may_wait) {
  failed_ = true;  // unless all of it succeeds
  if (errors_ != nullptr) errors_->flush();
  bool is_all = true;
  if (may_wait) {
    store_.flush();
  } else {
    is_all = store_.flush_what_fits();
  }
  if (journal_ != nullptr) journal_->flush();
  failed_ = false;
  if (is_all) last_flush_ = Clock::now();
}

}  // namespace ppinfer
