#include "engine/fork_gate.h"

#include <pthread.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "ppinfer/error.h"

namespace ppinfer {
namespace {

constexpr std::chrono::seconds kLongestWait{10};
constexpr std::chrono::microseconds kGatePollInterval{100};

struct Gate {
  std::mutex forking;  // held from before a fork until after it, in parent and child
  std::atomic<bool> is_forking{false};
  std::atomic<int> working{0};
  std::atomic<std::uint64_t> forks{0};  // that led here from the process that loaded this library
  std::atomic<bool> engines_are_refused{false};
  std::mutex registering;  // guards the next two; held by engines at work, so never while a fork waits for them
  std::vector<void (*)()> preparations;
  std::set<std::string> registered_for;
  std::atomic<bool> is_to_register{false};
  bool is_at_rest = false;  // of the fork under way
};

Gate& gate() {
  static Gate& kept = *new Gate;  // threads may outlive the static objects
  return kept;
}

bool engines_came_to_rest() {
  const auto end = std::chrono::steady_clock::now() + kLongestWait;
  while (gate().working > 0) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(kGatePollInterval);
  }
  return true;
}

bool prepare_engines() {
  try {
    for (void (*const prepare)() : gate().preparations) prepare();
    return true;
  } catch (const std::exception&) {  // fork() can't fail for it; the child's engines tell
    return false;
  }
}

thread_local int registrations_run = 0;  // of the current fork in this thread

void before_fork() {
  if (registrations_run++ > 0) return;
  gate().forking.lock();
  gate().is_forking = true;
  const bool is_at_rest = engines_came_to_rest();
  gate().registering.lock();  // until the fork is done: the child gets it unlocked
  gate().is_at_rest = is_at_rest && prepare_engines();
}

void after_fork_in_parent() {
  if (--registrations_run > 0) return;
  gate().registering.unlock();
  gate().is_forking = false;
  gate().forking.unlock();
}

void after_fork_in_child() {
  if (registrations_run > 1) return static_cast<void>(--registrations_run);
  if (!gate().is_at_rest) gate().engines_are_refused = true;
  gate().working = 0;
  ++gate().forks;
  after_fork_in_parent();
}

int register_handlers() { return pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child); }

// As the library is loaded, so that no fork is missed.
[[maybe_unused]] const int kRegistered = register_handlers();

}  // namespace

EngineWork::EngineWork() {
  for (;;) {
    ++gate().working;
    if (!gate().is_forking) return;
    --gate().working;
    const std::lock_guard until_forked(gate().forking);
  }
}

// Only now: in an older C library, registering waits for a fork under way, which waits for this work.
EngineWork::~EngineWork() {
  --gate().working;
  if (gate().is_to_register.exchange(false)) register_handlers();
}

MadeHere::MadeHere() : forks_(gate().forks) {}
bool MadeHere::holds() const { return forks_ == gate().forks; }

void check_engines_after_fork() {
  if (!gate().engines_are_refused) return;
  throw ModelError(
      "this process was forked while an engine was running in another thread of its parent, so it cannot load a model. "
      "Fork before the first prediction, or start processes with spawn or forkserver");
}

void before_each_fork(void (*prepare)()) {
  const std::lock_guard lock(gate().registering);
  gate().preparations.push_back(prepare);
}

void prepare_before(const std::string& library_user) {
  const std::lock_guard lock(gate().registering);
  if (gate().registered_for.insert(library_user).second) gate().is_to_register = true;
}

}  // namespace ppinfer
