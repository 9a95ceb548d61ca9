#include "core/own_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "ppinfer/error.h"

namespace ppinfer {
namespace {

constexpr int kFlags = O_RDWR | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK;
constexpr mode_t kNewMode = 0666;  // less the umask
constexpr mode_t kOthersMayWrite = S_IWGRP | S_IWOTH;

int open_again(const std::string& path, int flags) {
  int descriptor = -1;
  do {
    descriptor = ::open(path.c_str(), flags, kNewMode);
  } while (descriptor < 0 && errno == EINTR);
  return descriptor;
}

[[noreturn]] void refuse(const std::string& path, const std::string& reason) {
  throw RuntimeFailure("cannot use " + path + ": " + reason +
                       ". A run keeps its records there: remove that file, or choose another output");
}

[[noreturn]] void fail(const std::string& path, int error) {
  if (error == ELOOP) refuse(path, "it is a symbolic link");
  if (error == EISDIR) refuse(path, "it is a folder");
  const std::string reason =
      error == ENOENT ? "its folder doesn't exist: make it first" : std::generic_category().message(error);
  throw RuntimeFailure("cannot write " + path + ": " + reason);
}

// Owner and permissions that a new file gets in the folder of `path`: mounts such as FAT, SMB and NFS may give all
// files one owner or one mode.
bool new_file_is_equal(const std::string& path, const struct stat& found) {
  std::string probe = path.substr(0, path.rfind('/') + 1) + ".ppinfer-XXXXXX";
  const int named = ::mkostemp(probe.data(), O_CLOEXEC);
  if (named < 0) return false;
  ::close(named);
  ::unlink(probe.c_str());
  const int descriptor = open_again(probe, kFlags | O_CREAT | O_EXCL);  // with the mode of every new file
  if (descriptor < 0) return false;
  struct stat made {};
  const bool is_known = ::fstat(descriptor, &made) == 0;
  ::close(descriptor);
  ::unlink(probe.c_str());
  return is_known && made.st_uid == found.st_uid && (found.st_mode & kOthersMayWrite & ~made.st_mode) == 0;
}

// Empty: the file is the user's alone.
std::string problem_of(const std::string& path, int descriptor) {
  struct stat found {};
  if (::fstat(descriptor, &found) != 0) return std::generic_category().message(errno);
  if (!S_ISREG(found.st_mode)) return "it isn't a regular file";
  if (found.st_nlink > 1) return "it has another name (a hard link)";
  const bool is_ours = found.st_uid == ::geteuid();
  const bool others_may_write = (found.st_mode & kOthersMayWrite) != 0;
  if ((is_ours && !others_may_write) || new_file_is_equal(path, found)) return "";
  return is_ours ? "other users may write to it" : "it belongs to another user";
}

}  // namespace

int open_own_file(const std::string& path, OwnFile mode) {
  if (mode == OwnFile::kFresh && ::unlink(path.c_str()) != 0 && errno != ENOENT) fail(path, errno);
  const int made = open_again(path, kFlags | O_CREAT | O_EXCL);
  if (made >= 0) return made;
  if (errno != EEXIST || mode == OwnFile::kFresh) fail(path, errno);
  const int descriptor = open_again(path, kFlags | O_CREAT);  // whoever had it may have removed it just now
  // O_NOFOLLOW makes a link ELOOP, a socket or a device without a driver ENXIO.
  if (descriptor < 0 && errno == ENXIO) refuse(path, "it isn't a regular file");
  if (descriptor < 0) fail(path, errno);
  const std::string problem = problem_of(path, descriptor);
  if (problem.empty()) return descriptor;
  ::close(descriptor);
  refuse(path, problem);
}

}  // namespace ppinfer
