#include "executor/warm_up.h"

#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "core/machine_failure.h"

namespace ppinfer {

std::vector<float> warm_up(const std::vector<std::unique_ptr<EngineInstance>>& instances, const BatchTensor& batch,
                           int runs) {
  std::vector<float> first_scores;
  if (runs == 0) return first_scores;
  std::mutex mutex;
  std::exception_ptr failure;
  const auto fail = [&] {
    const std::lock_guard lock(mutex);
    if (!failure) failure = std::current_exception();
  };
  const auto work = [&](EngineInstance& instance) {
    try {
      Span<const float> scores;
      for (int run = 0; run < runs; ++run) scores = instance.run(batch, batch.capacity());
      if (batch.capacity() > 1) scores = instance.run(batch, 1);
      if (&instance == instances.front().get()) first_scores.assign(scores.begin(), scores.end());
    } catch (...) {
      fail();
    }
  };
  std::vector<std::thread> threads;
  try {
    for (const std::unique_ptr<EngineInstance>& instance : instances) {
      threads.emplace_back([&work, own = instance.get()] { work(*own); });
    }
  } catch (const std::system_error& error) {
    const std::lock_guard lock(mutex);
    failure = std::make_exception_ptr(no_thread_left(error));
  } catch (...) {
    fail();
  }
  for (std::thread& thread : threads) thread.join();
  if (failure) std::rethrow_exception(failure);
  return first_scores;
}

}  // namespace ppinfer
