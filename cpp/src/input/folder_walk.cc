#include "input/folder_walk.h"

#include <dirent.h>

#include <cerrno>
#include <utility>

#include "core/file_names.h"
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

FolderWalk::Found FolderWalk::next(ImageInput& input) {
  while (!folders_.empty()) {
    FolderNames::Entry listed;
    if (!folders_.back().names.next(listed)) {
      folders_.pop_back();
      continue;
    }
    const Found found = visit(folders_.back(), listed, input);
    if (found != Found::kNothing) return found;
  }
  if (unmatched_glob_.empty()) return Found::kNothing;
  set_unusable(input, std::exchange(unmatched_glob_, ""), "no such file, and as a pattern it matches nothing");
  return filter_.in_shard(input.path) ? Found::kImage : Found::kNothing;
}

FolderWalk::Found FolderWalk::visit(const Folder& folder, const FolderNames::Entry& listed, ImageInput& input) {
  Entry entry;
  entry.path = join(folder.path, listed.name);
  entry.name = listed.name;
  entry.in_whole_folder = folder.is_whole;
  if (folder.is_whole) {
    if (!filter_.takes_name(entry.name)) return skip();
    if (listed.type == DT_REG && has_image_ending(entry.name)) {  // spares the system a question
      if (!filter_.takes_image(beneath(entry.path))) return skip();
      if (!filter_.in_shard(beneath(entry.path))) return Found::kNothing;
    }
  } else {
    entry.as_file = glob_->match(beneath(entry.path), false);
    entry.as_folder = glob_->match(beneath(entry.path), true);
    if (!entry.as_file.here && !entry.as_folder.here && !entry.as_folder.beneath) return Found::kNothing;
  }
  struct stat status;
  if (!filter_.follows_links() && lstat(entry.path.c_str(), &status) == 0 && S_ISLNK(status.st_mode)) return skip();
  if (stat(entry.path.c_str(), &status) != 0) return visit_missing(std::move(entry), input);
  return S_ISDIR(status.st_mode) ? visit_folder(std::move(entry), status, input)
                                 : visit_file(std::move(entry), status, input);
}

// Most likely a broken link. Without any ending it may have led to a folder: that isn't left out in silence.
FolderWalk::Found FolderWalk::visit_missing(Entry entry, ImageInput& input) {
  if (!entry.in_whole_folder && !entry.as_file.here) return Found::kNothing;
  unmatched_glob_.clear();
  if (entry.in_whole_folder && !has_image_ending(entry.name) && has_ending(entry.name)) return skip();
  if (!filter_.takes_image(beneath(entry.path))) return skip();
  set_path(input, std::move(entry.path));
  return if_in_shard(input);
}

FolderWalk::Found FolderWalk::visit_folder(Entry entry, const struct stat& status, ImageInput& input) {
  const bool is_whole = entry.in_whole_folder || entry.as_folder.here;
  if (!is_whole && !entry.as_folder.beneath) return Found::kNothing;
  if (is_whole) unmatched_glob_.clear();
  if (!filter_.enters_folder(beneath(entry.path))) return skip();
  if (enter(entry.path, status, is_whole, input)) return if_in_shard(input);
  if (!is_whole || !has_image_ending(entry.name)) return Found::kNothing;
  set_unusable(input, std::move(entry.path), "is a folder, not an image file");
  return if_in_shard(input);
}

FolderWalk::Found FolderWalk::visit_file(Entry entry, const struct stat& status, ImageInput& input) {
  if (!entry.in_whole_folder && !entry.as_file.here) return Found::kNothing;
  unmatched_glob_.clear();
  if (S_ISREG(status.st_mode) && has_archive_ending(entry.name)) {
    if (!filter_.takes_archive(beneath(entry.path))) return skip();
    set_file(input, std::move(entry.path), status);
    return Found::kArchive;
  }
  if (entry.in_whole_folder && !has_image_ending(entry.name)) return skip();
  if (!filter_.takes_image(beneath(entry.path))) return skip();
  set_file(input, std::move(entry.path), status);
  return if_in_shard(input);
}

// Makes the folder the one to go on with. True: it can't be read, or not in full, which makes it an input.
bool FolderWalk::enter(std::string path, const struct stat& status, bool is_whole, ImageInput& input) {
  if (const Folder* const ancestor = find_ancestor(status)) {
    set_unusable(input, std::move(path), "a link back to the folder " + ancestor->path + ", which is being walked");
    return true;
  }
  Folder folder{path, status.st_dev, status.st_ino, is_whole, {}};
  const int error_number = folder.names.read(to_open(path));
  folders_.push_back(std::move(folder));
  if (error_number == 0) return false;
  set_unusable(input, std::move(path), "the folder cannot be read: " + system_reason(error_number));
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

FolderWalk::Found FolderWalk::skip() {
  ++skipped_;
  return Found::kNothing;
}

}  // namespace ppinfer
