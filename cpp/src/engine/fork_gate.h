// fork() and engines: a child has its parent's memory, but none of its threads.
#pragma once

#include <cstdint>
#include <string>

namespace [[gnu::visibility("default")]] ppinfer {

// Note [Engines and fork]
// The memory of an engine's library belongs to threads that a forked child lacks. The child would wait forever for
// these threads and for their locks. So
// - fork() waits until no engine works (10 s at most), and engines wait until fork() is done. Engines of a child whose
//   parent's didn't come to rest in that time are refused;
// - each engine puts what its library shares between models in order before the fork (before_each_fork);
// - a child refuses what its parent loaded, and never frees it: that would join threads which aren't there.
// Libraries prepare for a fork, too, and may hold locks from then on that their threads need to come to rest, as
// Intel's OpenMP does. What is registered last prepares first: so this is registered again once an engine has run.
// vfork and posix_spawn, which most programs are started by, know nothing of this.

// No fork() begins while one of these lives. A thread has one at a time.
class EngineWork {
 public:
  EngineWork();  // waits for a fork() under way
  ~EngineWork();
  EngineWork(const EngineWork&) = delete;
  EngineWork& operator=(const EngineWork&) = delete;
};

// Remembers the process in which it was made.
class MadeHere {
 public:
  MadeHere();
  bool holds() const;  // false in a child that was forked since

 private:
  std::uint64_t forks_;
};

// Throws ModelError in a child in whose parent an engine was at work during the fork.
void check_engines_after_fork();

// `prepare` is called in the thread that forks, while no engine works, before this and all later forks. When it throws,
// the child's engines are refused.
void before_each_fork(void (*prepare)());

// For libraries that prepare for forks themselves: called in their first EngineWork, from whose end on this prepares
// before them. Registers once for each `library_user`, such as an engine's name.
void prepare_before(const std::string& library_user);

}  // namespace ppinfer
