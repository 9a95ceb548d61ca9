#include "input/system_reason.h"

#include <sys/stat.h>

#include <cerrno>
#include <system_error>

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
      return "a symbolic link that leads to itself, or too many links in a row";
    case ENAMETOOLONG:
      return "the path is too long for this system";
    case EMFILE:
    case ENFILE:
      return "too many open files";
    default:
      return std::generic_category().message(error_number);
  }
}

std::string stat_failure_reason(const std::string& path, int error_number) {
  struct stat link;
  if (error_number == ENOENT && lstat(path.c_str(), &link) == 0) return "broken symbolic link";
  return system_reason(error_number);
}

}  // namespace ppinfer
