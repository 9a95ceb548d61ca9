#include <sys/stat.h>

#include <algorithm>
#include <string>
#include <vector>

#include "input/member_path.h"
#include "ppinfer/image_files.h"

namespace ppinfer {
namespace {

bool exists(const std::string& path) {
  struct stat status;
  return path.find('\0') == std::string::npos && lstat(path.c_str(), &status) == 0;  // a broken link is there
}

// Also of a member of an archive: that one isn't searched, so it may be there.
bool may_exist(const std::string& path, const InputOptions& options) {
  if (exists(path) || split_member(path)) return true;
  ImageInput first;
  return ImageFiles({path}, options).pass_over(first) && first.path != path;  // of a pattern that matches nothing
}

}  // namespace

bool any_path_exists(const std::vector<std::string>& paths, const InputOptions& options) {
  if (!options.list_path.empty()) return true;
  InputOptions whole = options;  // this shard's part may be empty where others' isn't
  whole.shard_index = whole.shard_count = 1;
  return std::any_of(paths.begin(), paths.end(), [&whole](const std::string& path) { return may_exist(path, whole); });
}

}  // namespace ppinfer
