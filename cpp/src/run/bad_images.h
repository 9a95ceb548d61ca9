// Moves the files of bad images away once a run is over: a run that is resumed needs them in place.
#pragma once

#include <string>
#include <vector>

#include "output/image_copier.h"
#include "ppinfer/run.h"
#include "run/manifest.h"

namespace ppinfer {

// An image is moved only if it failed at decode or preprocess: a failing model or disk does not make an image bad.
// Folders and archives are never moved, nor is a file that has changed since its record was made. For one thread at a
// time. Throws RuntimeFailure.
class BadImages {
 public:
  // The manifest keeps them for a run that is resumed; null: nothing can be resumed.
  BadImages(std::string folder, Manifest* manifest) : folder_(std::move(folder)), manifest_(manifest) {}

  void add(const Result& result);  // an error
  void flush();                    // before the records of those that were added
  MovedImages move();              // once all inputs have their records; may be done again

 private:
  void move_one(const BadImage& image, MovedImages& moved);

  const std::string folder_;
  Manifest* const manifest_;
  std::vector<BadImage> held_;
  ImageCopier copier_{ImageCopier::Names::kHashed};
};

}  // namespace ppinfer
