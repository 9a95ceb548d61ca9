#include "model_cache.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "ppinfer/error.h"
#include "ppinfer/predictor.h"

namespace ppinfer {

// OpenVINO tells entries apart by the model's content, its version and the options; the folder tells CPUs apart.
std::string cache_folder(const EngineOptions& options) {
  std::string cpu = cpu_features();
  for (char& letter : cpu) {
    if (letter == ' ' || letter == ',') letter = '-';
  }
  const std::filesystem::path folder = std::filesystem::path(options.cache_dir) / ("openvino-" + cpu);
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error && access(folder.c_str(), W_OK) != 0) error = std::error_code(errno, std::generic_category());
  if (error) throw ModelError("model_cache_dir " + options.cache_dir + ": can't be written: " + error.message());
  return folder.string();
}

CacheLock::CacheLock(const std::string& folder)
    : file_(open((folder + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)) {
  int result = file_;
  if (file_ >= 0) {
    while ((result = flock(file_, LOCK_EX)) != 0 && errno == EINTR) {
    }
  }
  if (result >= 0) return;
  const std::string reason = std::strerror(errno);
  if (file_ >= 0) close(file_);
  throw ModelError("model_cache_dir: " + folder + " can't be locked: " + reason + "; set another folder, or none");
}

CacheLock::~CacheLock() { close(file_); }

}  // namespace ppinfer
