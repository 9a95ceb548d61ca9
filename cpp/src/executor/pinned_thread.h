// Keeps a thread on one CPU for a while.
#pragma once

#include <sched.h>

#include <vector>

namespace ppinfer {

// CPUs that the calling thread may run on; empty when the system doesn't say.
inline std::vector<int> cpus_of_thread() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return {};
  std::vector<int> cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
  }
  return cpus;
}

// The calling thread runs on `cpu` alone while this lives, and then where it could before. Where the system refuses,
// nothing changes. A negative `cpu`: leaves the thread alone.
class PinnedThread {
 public:
  explicit PinnedThread(int cpu) {
    if (cpu < 0 || sched_getaffinity(0, sizeof(before_), &before_) != 0) return;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    pinned_ = sched_setaffinity(0, sizeof(one), &one) == 0;
  }
  ~PinnedThread() {
    if (pinned_) sched_setaffinity(0, sizeof(before_), &before_);
  }
  PinnedThread(const PinnedThread&) = delete;
  PinnedThread& operator=(const PinnedThread&) = delete;

 private:
  cpu_set_t before_;
  bool pinned_ = false;
};

}  // namespace ppinfer
