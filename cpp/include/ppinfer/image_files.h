// Files and folders on disk as a stream of inputs.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ppinfer/predictor.h"

namespace ppinfer {

// The given paths in the given order. A folder is walked recursively, entries in byte order of their names, links
// followed (a link back to a folder being walked is an input with the reason); of its files those with an image's
// ending
// (.jpg .jpeg .jpe .png .bmp .webp .tif .tiff .gif, any case) are inputs, the others and hidden ones are counted as
// skipped. Nothing else is left out: an unreadable folder, a broken link or a folder named like an image is an input
// that becomes an error Result.
class ImageFiles : public ImageSource {
 public:
  explicit ImageFiles(std::vector<std::string> paths);
  ~ImageFiles() override;

  bool next(ImageInput& input) override;
  std::int64_t skipped() const;  // files passed over so far

 private:
  class Walk;
  std::unique_ptr<Walk> walk_;
};

}  // namespace ppinfer
