// Members of archives that are asked for one by one, by their paths.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "input/archive.h"
#include "input/member_path.h"
#include "ppinfer/image.h"

namespace ppinfer {

// Keeps the last archive open: members in the archive's order need one pass. For any other order, the archive is read
// from its start again. Of several members with one name, finds the first.
class MemberFinder {
 public:
  // Once another thread sets `stopped`, which must outlive this, no archive is read any further.
  explicit MemberFinder(const std::atomic<bool>* stopped = nullptr) : stopped_(stopped) {}

  // A member that can't be found or read is an input with the reason. Without `with_bytes` its content isn't read.
  void find(const std::string& path, const MemberPath& parts, bool with_bytes, ImageInput& input);
  // Replaces `bytes` by its content, and gives what else is known of it. Throws ImageFailure.
  const ArchiveMember& read(const MemberPath& parts, std::vector<std::uint8_t>& bytes);

 private:
  void search(const MemberPath& parts);  // throws ImageFailure
  bool search_on(const std::string& member);

  const std::atomic<bool>* stopped_;
  std::string archive_path_;
  std::unique_ptr<Archive> archive_;
  ArchiveMember member_;
};

}  // namespace ppinfer
