#include "input/read_ahead.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ppinfer {

void read_ahead(const std::string& path) {
  struct stat status;
  // Before opening, since opening a device or a FIFO can have effects of its own.
  if (stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return;
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0) return;
  static_cast<void>(posix_fadvise(descriptor, 0, 0, POSIX_FADV_WILLNEED));  // advice: it may go unheard
  close(descriptor);
}

}  // namespace ppinfer
