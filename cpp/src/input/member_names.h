// What the names of an archive's members stand for, as far as it was read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace ppinfer {

// Keeps some 60 bytes a member, and no names: their hashes.
class MemberNames {
 public:
  bool has(std::string_view name) const { return find(name) != nullptr; }
  // The next member's, and what it is a hard link to, or "". False: a member before it has the name, and perhaps other
  // bytes.
  bool add(std::string_view name, std::string_view hard_link, std::int64_t header_at);
  void note_image(std::string_view name);  // it was found to be one by its content
  bool is_image(std::string_view name) const;
  std::int64_t header_at(std::string_view name) const;  // of the first member of this name, which must exist
  // Why a hard link to this name, which comes next, has no bytes; empty: it has.
  std::string why_no_target(std::string_view name) const;

 private:
  struct Member {
    std::uint64_t link_hash = 0;  // of the name that it is a hard link to; 0: it is none
    std::int64_t header_at = 0;
    bool is_repeated = false;
    bool is_image = false;
  };
  const Member* find(std::string_view name) const;

  std::unordered_map<std::uint64_t, Member> members_;
};

}  // namespace ppinfer
