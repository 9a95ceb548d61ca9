#include "input/member_path.h"

#include <sys/stat.h>

#include <cstddef>

#include "core/file_names.h"
#include "ppinfer/image_files.h"

namespace ppinfer {
namespace {

constexpr std::string_view kBetween = "::";

}  // namespace

std::string join_member(std::string_view archive, std::string_view member) {
  std::string path(archive);
  path += kBetween;
  return path += member;
}

bool is_member_path(const std::string& path) {
  struct stat status;
  return path.find(kBetween) != std::string::npos && path.find('\0') == std::string::npos &&
         lstat(path.c_str(), &status) != 0;
}

std::string image_name(const std::string& path) {
  const auto parts = split_member(path);
  const std::string& whole = parts ? parts->member : path;
  return whole.substr(whole.rfind('/') + 1);  // npos + 1 is 0
}

std::optional<MemberPath> split_member(const std::string& path) {
  if (!is_member_path(path)) return std::nullopt;
  struct stat status;
  for (std::size_t place = path.find(kBetween); place != std::string::npos; place = path.find(kBetween, place + 1)) {
    std::string archive = path.substr(0, place);
    if (has_archive_ending(archive) && stat(archive.c_str(), &status) == 0 && S_ISREG(status.st_mode)) {
      return MemberPath{std::move(archive), path.substr(place + kBetween.size())};
    }
  }
  return std::nullopt;
}

}  // namespace ppinfer
