#include <sys/stat.h>

#include <filesystem>
#include <system_error>

#include "ppinfer/run.h"

namespace ppinfer {
namespace {

constexpr int kMaxLinks = 40;  // as many as Linux follows

// Such as /dev/stdout: even where it leads to a file, that is somebody's open file, not one to be replaced. What else
// is below /dev says itself what it is: /dev/shm holds files.
bool is_open_file(const std::string& path) {
  return path.rfind("/dev/std", 0) == 0 || path.rfind("/dev/fd/", 0) == 0 || path.rfind("/proc/", 0) == 0;
}

// The name that a link leads to, whether or not anything is there yet; other names, and open files', as they are.
std::string followed(const std::string& path) {
  std::filesystem::path name = path;
  std::error_code no_link;
  for (int link = 0; link < kMaxLinks && !is_open_file(name); ++link) {
    const std::filesystem::path target = std::filesystem::read_symlink(name, no_link);
    if (no_link) break;
    name = name.parent_path() / target;
  }
  return name.string();
}

}  // namespace

RunFiles run_files(const std::string& output_path) {
  struct stat status;
  const bool is_there = stat(output_path.c_str(), &status) == 0;
  const bool is_file = !is_there || S_ISREG(status.st_mode);
  const std::string output = followed(output_path);
  if (output_path.empty() || output_path == "-" || is_open_file(output) || !is_file) return {output_path, "", ""};
  return {output, output + ".part", output + ".manifest"};
}

}  // namespace ppinfer
