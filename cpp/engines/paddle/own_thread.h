// A thread that does one caller's work at a time, so that all of it is done in the same thread.
#pragma once

#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include "core/utf8_locale.h"

namespace ppinfer {

// Note [A predictor's own thread]
// Paddle 3.3 keeps oneDNN's primitives by the id of the thread that made them. oneDNN, as Paddle builds it, runs them
// in that thread only, for their scratch memory is its own: elsewhere they fail with "could not execute a primitive".
// But callers' threads come and go, and a new one may have the id of one that is gone, and so meet its primitives: with
// two lanes some third of the images failed from the second call on. So each predictor runs in a thread that lives as
// long as it does.
class OwnThread {
 public:
  OwnThread() : thread_([this] { work(); }) {}
  ~OwnThread() {
    hand_over({nullptr, nullptr}, true);
    thread_.join();
  }
  OwnThread(const OwnThread&) = delete;
  OwnThread& operator=(const OwnThread&) = delete;

  // Waits until `work()` is done there, and throws what it throws. One caller at a time. Allocates nothing.
  template <class Work>
  void run(const Work& work) {
    hand_over({[](const void* it) { (*static_cast<const Work*>(it))(); }, &work}, false);
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return task_.call == nullptr; });
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  }

 private:
  struct Task {
    void (*call)(const void*) = nullptr;
    const void* work = nullptr;
  };

  void hand_over(Task task, bool is_last) {
    {
      const std::lock_guard lock(mutex_);
      task_ = task;
      ends_ = is_last;
    }
    changed_.notify_all();
  }

  void work() {
    const Utf8Locale numbers_have_points;  // Paddle parses with the thread's locale
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return ends_ || task_.call != nullptr; });
      if (ends_) return;
      lock.unlock();
      std::exception_ptr failure;
      try {
        task_.call(task_.work);
      } catch (...) {
        failure = std::current_exception();
      }
      lock.lock();
      failure_ = std::move(failure);
      task_ = {};
      changed_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  Task task_;
  std::exception_ptr failure_;
  bool ends_ = false;
  std::thread thread_;  // last: the thread uses the members before it
};

}  // namespace ppinfer
