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
  UnusableInput failure;
  try {
    if (next_image(input, with_bytes)) return true;
  } catch (const ImageFailure& error) {
    failure.reason = members_ == 0 ? std::string("the archive cannot be read: ")
                                   : "the archive cannot be read in full (" + counted(members_, "member") + " found): ";
    failure.reason += error.what();
    failure.stage = error.stage();
  }
  archive_.reset();
  is_open_ = false;
  if (failure.reason.empty() || stopped_ || !filter_.in_shard(name_)) return false;
  input = std::move(file_);
  input.content = std::move(failure);
  return true;
}

bool ArchiveWalk::next_image(ImageInput& input, bool with_bytes) {
  if (!archive_) archive_ = std::make_unique<Archive>(file_.path, &stopped_);
  while (!stopped_ && archive_->next(member_)) {
    ++members_;
    if (!takes(member_)) continue;
    archive_->take(member_);
    set_member(input, file_.path, member_);
    if (with_bytes || archive_->loses_members()) read_bytes(input, *archive_);
    return true;
  }
  return false;
}

bool ArchiveWalk::takes(const ArchiveMember& member) {
  const bool is_left_out =
      member.has_name && (!filter_.takes_member(member.path) || (member.is_link && !filter_.follows_links()));
  if (is_left_out) {
    skipped_.left_out();
    return false;
  }
  if (!may_be_image(member)) {
    skipped_.not_an_image(member.path);
    return false;
  }
  return !stopped_ && filter_.in_shard(member.path);
}

// By name, or else by content. A member without a readable name or content counts as an image, so that its error is
// seen.
bool ArchiveWalk::may_be_image(const ArchiveMember& member) {
  if (!member.has_name || has_image_ending(member.path)) return true;
  if (member.is_encrypted) return kind_ending(member.path).empty();
  if (!member.has_content) return false;
  try {
    return archive_->holds_image();
  } catch (const ImageFailure& failure) {
    return !stopped_ && (failure.stage() == Stage::kMachine || kind_ending(member.path).empty());
  }
}

}  // namespace ppinfer
