#include "input/file_start.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>

#include "core/image_failure.h"
#include "core/machine_failure.h"
#include "core/sniff.h"
#include "input/system_reason.h"

namespace ppinfer {

bool holds_image(const std::string& path) {
  std::array<std::uint8_t, kSniffBytes> start;  // NOLINT(cppcoreguidelines-pro-type-member-init): read() fills it
  int descriptor = -1;
  do {  // O_NONBLOCK: opening what isn't a file any more must not block
    descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  } while (descriptor < 0 && errno == EINTR);
  ssize_t got = -1;
  if (descriptor >= 0) {
    do {  // of what has no places, such as a FIFO, it reads nothing
      got = pread(descriptor, start.data(), start.size(), 0);
    } while (got < 0 && errno == EINTR);
  }
  const int error_number = errno;
  if (descriptor >= 0) close(descriptor);
  if (got < 0) throw_failed_read(error_number);
  return is_image({start.data(), static_cast<std::size_t>(got)});
}

}  // namespace ppinfer
