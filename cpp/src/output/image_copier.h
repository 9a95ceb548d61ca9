// Puts images into folders, under names that no other image has there.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ppinfer/image_files.h"

namespace ppinfer {

// Images are named as in their records; a member of an archive gets its own name, without folders. The folder is made
// if it isn't there. No file in it is ever overwritten: if a name is taken, the image gets another name. Putting an
// image in twice makes one file, and an image that is already in the folder stays unchanged. Throws RuntimeFailure,
// with the image, the folder and the system's reason. Other threads and processes may use the folder; one object is for
// one thread at a time.
class ImageCopier {
 public:
  enum class Names {
    kHashed,    // a.jpg, then a-<hash of the whole path>.jpg: the same name in every run
    kNumbered,  // a.jpg, a_2.jpg, a_3.jpg, ...
  };
  explicit ImageCopier(Names names) : names_(names) {}

  // A regular file that is there, or a member of an archive: what came through a pipe can't be read again.
  static bool can_take(const std::string& path);

  // False: the image can't be taken (any more). A copy has the time of a file, and its permissions; it appears whole or
  // not at all. A file of the same content is taken for the copy.
  bool copy(const std::string& path, const std::string& folder);
  // Likewise, for files only.
  bool hard_link(const std::string& path, const std::string& folder);
  bool symlink(const std::string& path, const std::string& folder);
  // Likewise, also to another file system; a link is moved, not what it leads to. False: nothing is there, or it lies
  // in the folder. Where the file may not be moved, the folder gets nothing.
  bool move(const std::string& path, const std::string& folder);

 private:
  MemberReader members_;  // in the archive's order, all are found in one pass
  std::vector<std::uint8_t> bytes_;
  const Names names_;
};

}  // namespace ppinfer
