// Counts the files that a search skips.
#pragma once

#include <mutex>
#include <string_view>

#include "ppinfer/image_files.h"

namespace ppinfer {

// For any number of threads.
class SkipTally {
 public:
  void left_out();
  void not_an_image(std::string_view path);
  SkippedFiles get() const;

 private:
  mutable std::mutex mutex_;
  SkippedFiles skipped_;
};

}  // namespace ppinfer
