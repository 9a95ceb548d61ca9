#include "input/folder_walk.h"

#include <dirent.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "core/file_names.h"
#include "core/image_failure.h"
#include "core/machine_failure.h"
#include "input/file_start.h"
#include "input/found_input.h"
#include "input/system_reason.h"

namespace ppinfer {
namespace {

std::string join(const std::string& folder, const std::string& name) {
  return folder.empty() || folder.back() == '/' ? folder + name : folder + '/' + name;
}

std::string to_open(const std::string& folder) { return folder.empty() ? "." : folder; }

}  // namespace

bool FolderWalk::start(std::string path, const struct stat& status, ImageInput& input) {
  glob_.reset();
  root_length_ = join(path, "").size();
  return enter(std::move(path), status, true, input) && filter_.in_shard(input.path);
}

bool FolderWalk::start(Glob glob, std::string path, ImageInput& input) {
  glob_ = std::move(glob.pattern);
  root_length_ = join(glob.root, "").size();
  unmatched_glob_ = std::move(path);
  struct stat status;
  if (stat(to_open(glob.root).c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) return false;
  if (!enter(std::move(glob.root), status, false, input)) return false;
  unmatched_glob_.clear();  // there may be something
  return filter_.in_shard(input.path);
}

FolderWalk::Found FolderWalk::next(ImageInput& input, TimePoint until) {
  while (!stopped_ && !folders_.empty()) {
    if (until != TimePoint::max() && std::chrono::steady_clock::now() >= until) return Found::kPaused;
    FolderNames::Entry listed;
    if (!folders_.back().names.next(listed)) {
      folders_.pop_back();
      continue;
    }
    const Found found = visit(folders_.back(), listed, input);
    if (found != Found::kNothing) return found;
  }
  if (stopped_ || unmatched_glob_.empty()) return Found::kNothing;
  set_unusable(input, std::exchange(unmatched_glob_, ""), "no such file, and no match as a pattern");
  return filter_.in_shard(input.path) ? Found::kImage : Found::kNothing;
}

FolderWalk::Found FolderWalk::visit(const Folder& folder, const FolderNames::Entry& listed, ImageInput& input) {
  Entry entry;
  entry.path = join(folder.path, listed.name);
  entry.name = listed.name;
  entry.type = listed.type;
  entry.in_whole_folder = folder.is_whole;
  if (folder.is_whole) {
    if (!filter_.takes_name(entry.name)) return leave_out();
    if (listed.type == DT_REG && has_image_ending(entry.name)) {  // spares the system a question
      if (!filter_.takes_image(beneath(entry.path))) return leave_out();
      if (!filter_.in_shard(beneath(entry.path))) return Found::kNothing;
    }
  } else {
    entry.as_file = glob_->match(beneath(entry.path), false);
    entry.as_folder = glob_->match(beneath(entry.path), true);
    if (!entry.as_file.here && !entry.as_folder.here && !entry.as_folder.beneath) return Found::kNothing;
  }
  if (!filter_.follows_links() && is_link(entry)) return leave_out();
  struct stat status;
  if (stat(entry.path.c_str(), &status) != 0) return visit_unknown(std::move(entry), errno, input);
  return S_ISDIR(status.st_mode) ? visit_folder(std::move(entry), status, input)
                                 : visit_file(std::move(entry), status, input);
}

bool FolderWalk::is_link(const Entry& entry) {
  struct stat status;
  if (entry.type != DT_UNKNOWN) return entry.type == DT_LNK;
  return lstat(entry.path.c_str(), &status) == 0 && S_ISLNK(status.st_mode);
}

// The system doesn't give the entry's kind: most likely a broken link, or an entry without access.
FolderWalk::Found FolderWalk::visit_unknown(Entry entry, int error_number, ImageInput& input) {
  const bool is_folder = entry.type == DT_DIR;
  const bool matches_as_folder = is_folder && (entry.as_folder.here || entry.as_folder.beneath);
  if (!entry.in_whole_folder && !entry.as_file.here && !matches_as_folder) return Found::kNothing;
  unmatched_glob_.clear();
  if (!takes_unknown(entry, error_number)) return skip_other(entry);
  const bool is_image = !is_folder && has_image_ending(entry.name);
  const std::string reason = stat_failure_reason(entry.path, error_number);
  set_path(input, std::move(entry.path));
  const Stage stage = stage_of_failed_read(error_number);
  if (is_folder) input.content = UnusableInput{"the folder cannot be read: " + reason, stage};
  if (!is_folder && !is_image)
    input.content = UnusableInput{reason, stage};  // an image may be there by the time it's read
  return if_in_shard(input);
}

// What may be an image, an archive or a folder isn't left out in silence.
bool FolderWalk::takes_unknown(const Entry& entry, int error_number) const {
  const std::string_view path = beneath(entry.path);
  if (entry.type == DT_DIR) return filter_.enters_folder(path);
  if (has_image_ending(entry.name)) return filter_.takes_image(path);
  if (has_archive_ending(entry.name)) return filter_.takes_archive(path);
  if (!entry.in_whole_folder) return filter_.takes_image(path);  // a glob matches it, with any extension
  const bool may_be_folder = entry.type == DT_LNK || entry.type == DT_UNKNOWN;
  const bool is_broken_link = error_number == ENOENT;
  return may_be_folder && !(is_broken_link && !kind_ending(entry.name).empty()) && filter_.enters_folder(path);
}

FolderWalk::Found FolderWalk::visit_folder(Entry entry, const struct stat& status, ImageInput& input) {
  const bool is_whole = entry.in_whole_folder || entry.as_folder.here;
  if (!is_whole && !entry.as_folder.beneath) return Found::kNothing;
  if (is_whole) unmatched_glob_.clear();
  if (!filter_.enters_folder(beneath(entry.path))) return leave_out();
  if (enter(entry.path, status, is_whole, input)) return if_in_shard(input);
  if (!is_whole || !has_image_ending(entry.name)) return Found::kNothing;
  set_unusable(input, std::move(entry.path), "is a folder, not an image file");
  return if_in_shard(input);
}

FolderWalk::Found FolderWalk::visit_file(Entry entry, const struct stat& status, ImageInput& input) {
  if (!entry.in_whole_folder && !entry.as_file.here) return Found::kNothing;
  unmatched_glob_.clear();
  if (S_ISREG(status.st_mode) && has_archive_ending(entry.name)) {
    if (!filter_.takes_archive(beneath(entry.path))) return leave_out();
    set_file(input, std::move(entry.path), status);
    return Found::kArchive;
  }
  if (!filter_.takes_image(beneath(entry.path))) return leave_out();
  if (entry.in_whole_folder && !has_image_ending(entry.name)) return visit_unnamed(std::move(entry), status, input);
  set_file(input, std::move(entry.path), status);
  // A FIFO or device that wasn't given by its own path: reading it could wait forever.
  if (!S_ISREG(status.st_mode)) input.content = UnusableInput{"not a regular file"};
  return if_in_shard(input);
}

// A file whose name doesn't say that it is an image: its first bytes do.
FolderWalk::Found FolderWalk::visit_unnamed(Entry entry, const struct stat& status, ImageInput& input) {
  if (!S_ISREG(status.st_mode)) return skip_other(entry);
  try {
    if (!holds_image(entry.path)) return skip_other(entry);
    set_file(input, std::move(entry.path), status);
  } catch (const ImageFailure& failure) {
    if (failure.stage() == Stage::kRead && !kind_ending(entry.name).empty()) return skip_other(entry);
    set_unusable(input, std::move(entry.path), failure.what(), failure.stage());
  }
  return if_in_shard(input);
}

// Continues the walk in the folder. True: the folder can't be read completely, so it becomes an input with an error.
bool FolderWalk::enter(std::string path, const struct stat& status, bool is_whole, ImageInput& input) {
  if (const Folder* const ancestor = find_ancestor(status)) {
    set_unusable(input, std::move(path), "a link back to the folder " + ancestor->path + ", which is being walked");
    return true;
  }
  Folder folder{path, status.st_dev, status.st_ino, is_whole, {}};
  const int error_number = folder.names.read(to_open(path), stopped_);
  folders_.push_back(std::move(folder));
  if (error_number == 0) return false;
  set_unusable(input, std::move(path), "the folder cannot be read: " + system_reason(error_number),
               stage_of_failed_read(error_number));
  return true;
}

const FolderWalk::Folder* FolderWalk::find_ancestor(const struct stat& status) const {
  for (const Folder& folder : folders_) {
    if (folder.device == status.st_dev && folder.inode == status.st_ino) return &folder;
  }
  return nullptr;
}

FolderWalk::Found FolderWalk::if_in_shard(const ImageInput& input) const {
  return filter_.in_shard(beneath(input.path)) ? Found::kImage : Found::kNothing;
}

FolderWalk::Found FolderWalk::leave_out() {
  skipped_.left_out();
  return Found::kNothing;
}

FolderWalk::Found FolderWalk::skip_other(const Entry& entry) {
  skipped_.not_an_image(entry.name);
  return Found::kNothing;
}

}  // namespace ppinfer
