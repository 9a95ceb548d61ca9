#include "input/archive.h"

#include <algorithm>
#include <new>

#include "core/file_names.h"
#include "core/image_failure.h"
#include "core/machine_failure.h"
#include "core/message_text.h"
#include "core/sniff.h"
#include "ppinfer/image.h"

namespace ppinfer {
namespace {

// An archive is unpacked, or read again from its start after damage, at most this often. Each pass reads all members so
// far.
constexpr int kMostPasses = 100;

}  // namespace

Archive::Archive(const std::string& path, const std::atomic<bool>* stopped)
    : path_(path), stopped_(stopped), reader_(std::make_unique<ArchiveReader>(path, stopped)) {}
Archive::~Archive() = default;

bool Archive::next(ArchiveMember& member) {
  if (reader_->is_lost()) start_again();
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
  if (!names_.add(member.path, member.hard_link, member.header_at) && member.unreadable.empty()) {
    member.unreadable = "an earlier member of the archive has the same name, and the path means the earlier member";
  }
}

void Archive::take(ArchiveMember& member) {
  if (member.hard_link.empty() || !member.unreadable.empty() || !reader_->is_packed()) return;
  const std::int64_t target_at = names_.header_at(member.hard_link);
  if (target_at < taken_target_at_) ++target_passes_;
  taken_target_at_ = target_at;
  if (target_passes_ < kMostPasses) return;
  member.unreadable = "is a hard link to " + quoted(member.hard_link) +
                      " and is not read: the packed archive would be unpacked more than " +
                      std::to_string(kMostPasses) + " times for its hard links; extract it first";
}

// After damage within a member libarchive can't always tell where the next one begins, though it can without having
// read that one. The next member should not depend on whether a member was read, because resumed runs skip members.
void Archive::start_again() {
  ++passes_;
  reader_ = std::make_unique<ArchiveReader>(path_, stopped_);
  ArchiveMember passed;
  for (std::int64_t member = 0; member < members_ && reader_->next(passed); ++member) {
  }
}

void Archive::require_few_passes() const {
  if (passes_ < kMostPasses) return;
  throw_unreadable("is not read: " + std::to_string(kMostPasses) + " members before it are damaged");
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
  try {
    read_target(bytes);
  } catch (const ImageFailure& error) {
    throw ImageFailure(error.stage(), "is a hard link to " + quoted(hard_link_) + ": " + error.what());
  }
}

void Archive::read_target(std::vector<std::uint8_t>& bytes) {
  const std::int64_t at = names_.header_at(hard_link_);
  if (at != target_at_) {
    if (!target_reader_ || !reader_->is_packed() || at < target_at_) {
      target_reader_ = std::make_unique<ArchiveReader>(path_, stopped_, reader_->is_packed() ? 0 : at);
    }
    target_at_ = at;
    target_failure_.reset();
    target_bytes_.clear();
    ArchiveMember target;
    try {
      bool is_there = false;
      do {
        is_there = target_reader_->next(target);
      } while (is_there && target.header_at < at);
      if (!is_there || target.header_at != at || target.path != hard_link_)
        throw_unreadable("the archive has changed while it was read");
      if (!target.unreadable.empty()) throw_unreadable(target.unreadable);
      target_reader_->read(target_bytes_);
    } catch (const ImageFailure& failure) {
      target_failure_ = failure;
    } catch (const std::bad_alloc&) {
      target_bytes_ = {};
      target_failure_ =
          out_of_memory("reading", static_cast<std::uint64_t>(std::max<std::int64_t>(0, target.size_bytes)));
    }
  }
  if (target_failure_) throw ImageFailure(*target_failure_);
  bytes = target_bytes_;
}

}  // namespace ppinfer
