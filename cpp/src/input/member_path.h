// Paths of what is in an archive: "shards/one.tar::cats/1.jpg".
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ppinfer {

struct MemberPath {
  std::string archive;
  std::string member;
};

std::string join_member(std::string_view archive, std::string_view member);

// Parts such a path; nothing when it is none: a file of the whole name exists, or no archive of the first part's name.
// Where several "::" would do, the first.
std::optional<MemberPath> split_member(const std::string& path);

}  // namespace ppinfer
