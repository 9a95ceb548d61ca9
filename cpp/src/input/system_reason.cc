#include "input/system_reason.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <system_error>

#include "core/ascii.h"
#include "core/image_failure.h"
#include "core/machine_failure.h"

namespace ppinfer {

std::string system_reason(int error_number) {
  switch (error_number) {
    case ENOENT:
      return "no such file";
    case EACCES:
      return "permission denied";
    case ENOTDIR:
      return "a part of the path is not a folder";
    case ELOOP:
      return "a symbolic link that leads back to the same link, or too many links in a row";
    case ENAMETOOLONG:
      return "the path is too long for this system";
    case EMFILE:
      return "too many open files in this process";
    case ENFILE:
      return "too many open files on this machine";
    case ENOMEM:
      return "out of memory";
    case EIO:
    case EREMOTEIO:
      return "the drive cannot be read: input/output error";
    case ENODEV:
    case ENXIO:
    case ENOMEDIUM:
      return "the drive is lost";
    case ESTALE:
      return "the network drive has lost the file: stale file handle";
    default:
      return std::generic_category().message(error_number);
  }
}

void throw_failed_read(int error_number) {
  throw ImageFailure(stage_of_failed_read(error_number), system_reason(error_number));
}

bool is_url(const std::string& path) {
  const std::size_t colon = path.find("://");
  return colon != std::string::npos && colon > 1 &&
         std::all_of(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(colon), [](char letter) {
           return is_letter(letter) || is_digit(letter) || letter == '+' || letter == '-' || letter == '.';
         });
}

std::string stat_failure_reason(const std::string& path, int error_number) {
  struct stat link;
  if (error_number == ENOENT && lstat(path.c_str(), &link) == 0) return "broken symbolic link";
  if (is_url(path))
    return "is a URL, and URLs are not read: download it, or pipe it in (curl URL | ppinfer classify -)";
  return system_reason(error_number);
}

}  // namespace ppinfer
