#include "interrupt.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>

namespace ppinfer {
namespace {

std::atomic<bool> noted{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may use only lock-free objects");

void restore_default(int signal_number) {
  struct sigaction action = {};
  action.sa_handler = SIG_DFL;
  sigaction(signal_number, &action, nullptr);
}

void on_signal(int) {
  const int saved_errno = errno;
  noted = true;
  restore_default(SIGINT);
  restore_default(SIGTERM);
  constexpr char kMessage[] = "\nclas_system: finishing the images in work; interrupt again to stop at once\n";
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, kMessage, sizeof kMessage - 1);
  errno = saved_errno;
}

void note(int signal_number) {
  struct sigaction action = {};
  if (sigaction(signal_number, nullptr, &action) != 0 || action.sa_handler == SIG_IGN) return;
  action = {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(signal_number, &action, nullptr);
}

}  // namespace

void note_interrupts() {
  note(SIGINT);
  note(SIGTERM);
}

bool interrupted() { return noted; }

}  // namespace ppinfer
