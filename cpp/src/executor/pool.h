// Things that belong to one thread at a time, shared by taking turns.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

namespace ppinfer {

template <class T>
class Pool {
 public:
  explicit Pool(std::vector<std::unique_ptr<T>> items) : idle_(std::move(items)) {}

  // Holds one item; gives it back when it goes out of scope.
  class Borrowed {
   public:
    Borrowed(Pool& pool, std::unique_ptr<T> item) : pool_(pool), item_(std::move(item)) {}
    ~Borrowed() { pool_.give_back(std::move(item_)); }
    Borrowed(const Borrowed&) = delete;
    Borrowed& operator=(const Borrowed&) = delete;
    T* operator->() const { return item_.get(); }
    T& operator*() const { return *item_; }

   private:
    Pool& pool_;
    std::unique_ptr<T> item_;
  };

  Borrowed borrow() {  // waits until one is idle
    std::unique_lock lock(mutex_);
    returned_.wait(lock, [this] { return !idle_.empty(); });
    std::unique_ptr<T> item = std::move(idle_.back());  // the one used last: its memory is still in the cache
    idle_.pop_back();
    return Borrowed(*this, std::move(item));
  }

 private:
  void give_back(std::unique_ptr<T> item) {
    {
      const std::lock_guard lock(mutex_);
      idle_.push_back(std::move(item));
    }
    returned_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<T>> idle_;
};

}  // namespace ppinfer
