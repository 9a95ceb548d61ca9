#include "input/member_path.h"

#include <sys/stat.h>

#include <cstddef>

#include "core/file_names.h"

namespace ppinfer {
namespace {

constexpr std::string_view kBetween = "::";

}  // namespace

std::string join_member(std::string_view archive, std::string_view member) {
  std::string path(archive);
  path += kBetween;
  return path += member;
}

std::optional<MemberPath> split_member(const std::string& path) {
  std::size_t place = path.find(kBetween);
  if (place == std::string::npos || path.find('\0') != std::string::npos) return std::nullopt;
  struct stat status;
  if (lstat(path.c_str(), &status) == 0) return std::nullopt;
  for (; place != std::string::npos; place = path.find(kBetween, place + 1)) {
    std::string archive = path.substr(0, place);
    if (has_archive_ending(archive) && stat(archive.c_str(), &status) == 0 && S_ISREG(status.st_mode)) {
      return MemberPath{std::move(archive), path.substr(place + kBetween.size())};
    }
  }
  return std::nullopt;
}

}  // namespace ppinfer
