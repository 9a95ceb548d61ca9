#include "cache_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <stdexcept>

#include "ppinfer/error.h"

namespace ppinfer {
namespace {

// Whatever the umask: a new folder that its group can write would be refused.
void make_folders(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).lexically_normal();
  std::filesystem::path made;
  for (const std::filesystem::path& part : folder) {
    made /= part;
    if (mkdir(made.c_str(), 0755) != 0 && errno != EEXIST && errno != EROFS && errno != EACCES && errno != EISDIR) {
      throw ModelError("model_cache_dir " + path + ": cannot be created: " + std::strerror(errno));
    }
  }
}

}  // namespace

std::string trust_problem(int descriptor) {
  struct stat status {};
  if (fstat(descriptor, &status) != 0) throw std::runtime_error(std::strerror(errno));
  if (status.st_uid != 0 && status.st_uid != geteuid()) {
    return "it belongs to user " + std::to_string(status.st_uid) + ", expected this user (" +
           std::to_string(geteuid()) + ") or root";
  }
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) == 0) return "";
  char mode[8];
  std::snprintf(mode, sizeof(mode), "%04o", status.st_mode & 07777U);
  return std::string("others can write it (mode ") + mode + "): chmod go-w";
}

CacheFolder::CacheFolder(const std::string& path) : path_(path) {
  make_folders(path);
  descriptor_ = open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (descriptor_ < 0) {
    throw ModelError("model_cache_dir " + path + ": cannot be created: " + std::strerror(errno));
  }
  problem_ = trust_problem(descriptor_);
}

CacheFolder::~CacheFolder() { close(descriptor_); }

}  // namespace ppinfer
