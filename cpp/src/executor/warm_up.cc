#include "executor/warm_up.h"

#include <exception>
#include <mutex>
#include <thread>
#include <utility>

namespace ppinfer {

void warm_up(const std::vector<std::unique_ptr<EngineInstance>>& instances, const BatchTensor& batch, int runs) {
  if (runs == 0) return;
  std::mutex mutex;
  std::exception_ptr failure;
  const auto fail = [&] {
    const std::lock_guard lock(mutex);
    if (!failure) failure = std::current_exception();
  };
  const auto work = [&](EngineInstance& instance) {
    try {
      for (int run = 0; run < runs; ++run) instance.run(batch, batch.capacity());
      if (batch.capacity() > 1) instance.run(batch, 1);
    } catch (...) {
      fail();
    }
  };
  std::vector<std::thread> threads;
  try {
    for (const std::unique_ptr<EngineInstance>& instance : instances) {
      threads.emplace_back([&work, own = instance.get()] { work(*own); });
    }
  } catch (...) {  // the system has no thread left
    fail();
  }
  for (std::thread& thread : threads) thread.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace ppinfer
