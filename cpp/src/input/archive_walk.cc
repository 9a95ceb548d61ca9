#include "input/archive_walk.h"

#include <utility>

#include "core/file_names.h"
#include "core/image_failure.h"
#include "core/message_text.h"
#include "input/found_input.h"

namespace ppinfer {

void ArchiveWalk::start(ImageInput file, std::string name) {
  file_ = std::move(file);
  name_ = std::move(name);
  archive_.reset();
  members_ = 0;
  is_open_ = true;
}

bool ArchiveWalk::next(ImageInput& input, bool with_bytes) {
  if (!is_open_) return false;
  std::string failure;
  try {
    if (next_image(input, with_bytes)) return true;
  } catch (const ImageFailure& error) {
    failure = members_ == 0 ? std::string("the archive cannot be read: ")
                            : "the archive cannot be read further than " + counted(members_, "member") + ": ";
    failure += error.what();
  }
  archive_.reset();
  is_open_ = false;
  if (failure.empty() || stopped_ || !filter_.in_shard(name_)) return false;
  input = std::move(file_);
  input.content = UnusableInput{std::move(failure)};
  return true;
}

bool ArchiveWalk::next_image(ImageInput& input, bool with_bytes) {
  if (!archive_) archive_ = std::make_unique<Archive>(file_.path, &stopped_);
  while (!stopped_ && archive_->next(member_)) {
    ++members_;
    if (!takes(member_)) continue;
    set_member(input, file_.path, member_);
    if (with_bytes) read_bytes(input, *archive_);
    return true;
  }
  return false;
}

bool ArchiveWalk::takes(const ArchiveMember& member) {
  const bool is_image = !member.has_name || (has_image_ending(member.path) && filter_.takes_member(member.path));
  const bool skipped = !is_image || (member.is_link && !filter_.follows_links());
  if (skipped) ++skipped_;
  return !skipped && filter_.in_shard(member.path);
}

}  // namespace ppinfer
