// The files of one given folder, in the order of their names.
#pragma once

#include <sys/stat.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "input/folder_names.h"
#include "input/glob.h"
#include "input/input_filter.h"
#include "input/skip_tally.h"
#include "ppinfer/image.h"

namespace ppinfer {

// Holds the names of the folders on the way from the given one to where the walk stands, and no others.
class FolderWalk {
 public:
  enum class Found { kNothing, kImage, kArchive, kPaused };
  using TimePoint = std::chrono::steady_clock::time_point;

  // All arguments must outlive this object. `skipped` counts each skipped file. After another thread sets `stopped`,
  // next() returns false.
  FolderWalk(const InputFilter& filter, SkipTally& skipped, const std::atomic<bool>& stopped)
      : filter_(filter), skipped_(skipped), stopped_(stopped) {}

  // Begins at a folder. True: `input` says why it can't be read, and is to be taken first.
  bool start(std::string path, const struct stat& status, ImageInput& input);
  // Begins at a glob's folder; `path` is its text. Files that match are taken whatever their names end in, folders with
  // all in them. When nothing matches, `path` is an input with the reason.
  bool start(Glob glob, std::string path, ImageInput& input);
  // The next file; kNothing: there is none; kPaused: it is `until`, and a later call continues. Of an archive only
  // path, size and time are set.
  Found next(ImageInput& input, TimePoint until = TimePoint::max());
  // The path of something found, without that of the given folder.
  std::string_view beneath(const std::string& path) const { return std::string_view(path).substr(root_length_); }

 private:
  struct Folder {
    std::string path;
    dev_t device = 0;
    ino_t inode = 0;
    bool is_whole = true;  // else the glob chooses among its entries
    FolderNames names;
  };
  struct Entry {
    std::string path;
    std::string name;
    unsigned char type = 0;  // DT_REG, ..., as listed
    bool in_whole_folder = true;
    PathPattern::Match as_file;  // by the glob, where the folder isn't whole
    PathPattern::Match as_folder;
  };

  Found visit(const Folder& folder, const FolderNames::Entry& listed, ImageInput& input);
  Found visit_unknown(Entry entry, int error_number, ImageInput& input);
  Found visit_folder(Entry entry, const struct stat& status, ImageInput& input);
  Found visit_file(Entry entry, const struct stat& status, ImageInput& input);
  Found visit_unnamed(Entry entry, const struct stat& status, ImageInput& input);
  bool enter(std::string path, const struct stat& status, bool is_whole, ImageInput& input);
  const Folder* find_ancestor(const struct stat& status) const;
  static bool is_link(const Entry& entry);
  bool takes_unknown(const Entry& entry, int error_number) const;
  Found if_in_shard(const ImageInput& input) const;
  Found leave_out();
  Found skip_other(const Entry& entry);  // a file that isn't an image by its name or content

  const InputFilter& filter_;
  SkipTally& skipped_;
  const std::atomic<bool>& stopped_;
  std::size_t root_length_ = 0;  // of the given path with the slash after it
  std::vector<Folder> folders_;
  std::optional<PathPattern> glob_;
  std::string unmatched_glob_;  // its text, until something matches
};

}  // namespace ppinfer
