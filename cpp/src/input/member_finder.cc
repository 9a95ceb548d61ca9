#include "input/member_finder.h"

#include "core/image_failure.h"
#include "input/found_input.h"

namespace ppinfer {

void MemberFinder::find(const std::string& path, const MemberPath& parts, bool with_bytes, ImageInput& input) {
  try {
    search(parts);
  } catch (const ImageFailure& error) {
    set_unusable(input, path, error.what(), error.stage());
    return;
  }
  set_member(input, parts.archive, member_);
  input.path = path;  // as it was given
  if (with_bytes) read_bytes(input, *archive_);
}

const ArchiveMember& MemberFinder::read(const MemberPath& parts, std::vector<std::uint8_t>& bytes) {
  search(parts);
  if (!member_.unreadable.empty()) throw_unreadable(member_.unreadable);
  archive_->read(bytes);
  return member_;
}

void MemberFinder::search(const MemberPath& parts) {
  if (!archive_ || archive_path_ != parts.archive || archive_->has_passed(parts.member)) {
    archive_.reset();  // if the next one can't be opened, there is none
    archive_ = std::make_unique<Archive>(parts.archive, stopped_);
    archive_path_ = parts.archive;
  }
  bool found = false;
  try {
    found = search_on(parts.member);
  } catch (const ImageFailure& error) {
    archive_.reset();
    throw ImageFailure(error.stage(), std::string("not found in the readable part of the archive: ") + error.what());
  }
  if (!found) throw_unreadable("the archive has no member of this name");
}

bool MemberFinder::search_on(const std::string& member) {
  while (archive_->next(member_)) {
    if (member_.path == member) return true;
  }
  return false;
}

}  // namespace ppinfer
