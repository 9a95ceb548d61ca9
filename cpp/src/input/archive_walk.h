// The images in one archive, in the order in which they lie there.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "input/archive.h"
#include "input/input_filter.h"
#include "input/skip_tally.h"
#include "ppinfer/image.h"

namespace ppinfer {

// An archive that can't be read to its end gives a last input with the archive's own path and the reason. A member
// whose bytes can't be read is an input with the reason, and so is a member whose name can't be read, because the
// member may be an image.
class ArchiveWalk {
 public:
  // All arguments must outlive this object. `skipped` counts each skipped member. After another thread sets `stopped`,
  // reading stops and next() returns false.
  ArchiveWalk(const InputFilter& filter, SkipTally& skipped, const std::atomic<bool>& stopped)
      : filter_(filter), skipped_(skipped), stopped_(stopped) {}

  // Begins at an archive, which `file` has as it was found. Its own failure goes to the shard of `name`.
  void start(ImageInput file, std::string name);
  bool is_open() const { return is_open_; }
  // The next image; false: none is left. Without `with_bytes` its content is read only where later members
  // depend on that.
  bool next(ImageInput& input, bool with_bytes);

 private:
  bool next_image(ImageInput& input, bool with_bytes);
  bool takes(const ArchiveMember& member);
  bool may_be_image(const ArchiveMember& member);

  const InputFilter& filter_;
  SkipTally& skipped_;
  const std::atomic<bool>& stopped_;
  bool is_open_ = false;
  ImageInput file_;
  std::string name_;
  std::unique_ptr<Archive> archive_;
  ArchiveMember member_;
  std::int64_t members_ = 0;  // so far, of any kind
};

}  // namespace ppinfer
