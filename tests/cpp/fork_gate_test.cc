#include "engine/fork_gate.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "ppinfer/error.h"

namespace ppinfer {
namespace {

// What a forked child makes of `work`: its exit status.
template <class Work>
int in_child(const Work& work) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);
    _exit(work());
  }
  int status = -1;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool engines_are_refused() {
  try {
    check_engines_after_fork();
    return false;
  } catch (const ModelError&) {
    return true;
  }
}

TEST(ForkGate, AChildKnowsWhatItsParentMade) {
  const MadeHere parents;
  EXPECT_TRUE(parents.holds());
  EXPECT_EQ(in_child([&] {
              const MadeHere own;
              const int grandchild = in_child([&] { return own.holds() || parents.holds() ? 1 : 0; });
              return parents.holds() || !own.holds() || engines_are_refused() ? 1 : grandchild;
            }),
            0);
  EXPECT_TRUE(parents.holds());
}

TEST(ForkGate, AForkWaitsForWorkAndWorkForTheFork) {
  std::atomic<bool> ends{false};
  std::atomic<int> at_work{0};
  std::thread worker([&] {
    while (!ends) {
      const EngineWork work;
      ++at_work;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      --at_work;
    }
  });
  for (int round = 0; round < 20; ++round) {
    EXPECT_EQ(in_child([&] {
                const EngineWork own_work;  // the child's gate is open again
                return at_work == 0 && !engines_are_refused() ? 0 : 1;
              }),
              0);
  }
  ends = true;
  worker.join();
}

// As Intel's OpenMP does: what it holds during a fork its threads need to come to rest.
TEST(ForkGate, PreparesBeforeALibraryThatHasBeenAtWork) {
  static std::mutex librarys;
  pthread_atfork([] { librarys.lock(); }, [] { librarys.unlock(); }, [] { librarys.unlock(); });
  for (int time = 0; time < 2; ++time) {
    const EngineWork first_work;
    prepare_before("a library");
  }
  std::atomic<bool> ends{false};
  std::thread worker([&] {
    while (!ends) {
      const EngineWork work;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      const std::lock_guard lock(librarys);
    }
  });
  for (int round = 0; round < 20; ++round) {
    EXPECT_EQ(in_child([] {
                const MadeHere child;
                { const EngineWork own_work; }
                return engines_are_refused() ? 1 : in_child([&] { return child.holds() ? 1 : 0; });
              }),
              0);
  }
  ends = true;
  worker.join();
}

TEST(ForkGate, AnEngineThatIsLoadedDuringAForkCanRegister) {
  std::atomic<bool> is_loading{false};
  std::thread loader([&] {
    const EngineWork load;
    is_loading = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));  // the fork waits for its end by now
    before_each_fork([] {});
    prepare_before("a library that is loaded");
  });
  while (!is_loading) std::this_thread::yield();
  EXPECT_EQ(in_child([] { return engines_are_refused() ? 1 : 0; }), 0);
  loader.join();
}

TEST(ForkGate, APreparationThatFailsIsToldInTheChild) {
  EXPECT_EQ(in_child([] {
              before_each_fork([] { throw std::runtime_error("no"); });
              return in_child([] { return engines_are_refused() ? 0 : 1; });
            }),
            0);
}

}  // namespace
}  // namespace ppinfer
