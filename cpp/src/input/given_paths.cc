#include <sys/stat.h>

#include <cerrno>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "input/member_path.h"
#include "input/read_stream.h"
#include "input/system_reason.h"
#include "ppinfer/error.h"
#include "ppinfer/image_files.h"

namespace ppinfer {
namespace {

// Empty: something is there, or, of a member of an archive, may be.
std::string why_nothing_is_at(const std::string& path, const InputOptions& options) {
  struct stat status;
  if (path == kStandardInput) return "";
  const bool could_be = path.find('\0') == std::string::npos;
  if (could_be && lstat(path.c_str(), &status) == 0) return "";  // a broken link is there
  const int error_number = could_be ? errno : ENOENT;
  if (split_member(path)) return "";
  // Of a pattern that matches nothing the walk gives the pattern itself.
  ImageFiles files({path}, options);
  ImageInput first;
  if (!files.next_unread(first) || first.path != path) return "";
  const auto* const unusable = std::get_if<UnusableInput>(&first.content);
  return unusable == nullptr ? stat_failure_reason(path, error_number) : unusable->reason;
}

}  // namespace

void check_any_is_there(const std::vector<std::string>& paths, const InputOptions& options) {
  if (!options.list_path.empty() || paths.empty()) return;
  InputOptions all;  // what filters and the shard leave out is there
  all.hidden = options.hidden;
  all.follow_links = options.follow_links;
  std::vector<std::string> problems;
  for (const std::string& path : paths) {
    const std::string reason = why_nothing_is_at(path, all);
    if (reason.empty()) return;
    problems.push_back(path + ": " + reason);
  }
  throw ConfigError(std::move(problems), "nothing to classify: nothing is written");
}

}  // namespace ppinfer
