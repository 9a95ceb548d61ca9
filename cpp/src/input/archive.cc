#include "input/archive.h"

#include "core/file_names.h"
#include "core/image_failure.h"
#include "core/message_text.h"
#include "core/sniff.h"
#include "input/member_finder.h"

namespace ppinfer {

Archive::Archive(const std::string& path, const std::atomic<bool>* stopped)
    : path_(path), stopped_(stopped), reader_(std::make_unique<ArchiveReader>(path, stopped)) {}
Archive::~Archive() = default;

bool Archive::next(ArchiveMember& member) {
  if (reader_->is_lost()) pass_over_again();
  if (!reader_->next(member)) return false;
  ++members_;
  place(member);
  name_ = member.path;
  hard_link_ = member.hard_link;
  return true;
}

// Among those before it.
void Archive::place(ArchiveMember& member) {
  if (!member.has_name) {
    member.unreadable = "its name cannot be read: it is member " + std::to_string(members_) + " of the archive";
  } else if (!member.hard_link.empty()) {
    member.unreadable = names_.why_no_target(member.hard_link);
  }
  if (!names_.add(member.path, member.hard_link) && member.unreadable.empty()) {
    member.unreadable = "a member before it in the archive has this name too, and the path stands for that one";
  }
}

// After damage within a member libarchive can't always tell where the next one begins, though it can without having
// read that one. What follows a member shouldn't depend on whether it was read: resumed runs pass over it.
void Archive::pass_over_again() {
  ++passes_;
  reader_ = std::make_unique<ArchiveReader>(path_, stopped_);
  ArchiveMember passed;
  for (std::int64_t member = 0; member < members_ && reader_->next(passed); ++member) {
  }
}

// Each costs the time of all members so far.
void Archive::require_few_passes() const {
  constexpr int kMostPasses = 100;
  if (passes_ < kMostPasses) return;
  throw ImageFailure(Stage::kRead, "is not read: " + std::to_string(kMostPasses) + " members before it are damaged");
}

bool Archive::holds_image() {
  bool is_image = false;
  if (!hard_link_.empty()) {
    is_image = has_image_ending(hard_link_) || names_.is_image(hard_link_);
  } else {
    require_few_passes();
    is_image = ppinfer::is_image(reader_->start());
  }
  if (is_image) names_.note_image(name_);
  return is_image;
}

void Archive::read(std::vector<std::uint8_t>& bytes) {
  if (hard_link_.empty()) {
    require_few_passes();
    reader_->read(bytes);
    return;
  }
  if (!link_targets_) link_targets_ = std::make_unique<MemberFinder>(stopped_);
  try {
    link_targets_->read({path_, hard_link_}, bytes);
  } catch (const ImageFailure& error) {
    throw ImageFailure(error.stage(), "is a hard link to " + quoted(hard_link_) + ": " + error.what());
  }
}

}  // namespace ppinfer
