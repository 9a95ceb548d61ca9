// A copy of a file that never takes another's place.
#pragma once

#include <string>

#include "ppinfer/image.h"

namespace ppinfer {

// Copies the file `source` into `folder`, which is made if need be, under its own name; where that is taken by a file
// with other content, name_2.jpg, name_3.jpg, ... A file with the same content counts as the copy. Returns the copy's
// path. The copy appears whole or not at all, also while other threads and processes copy into the same folder. Throws
// RuntimeFailure.
std::string copy_into_folder(const std::string& source, const std::string& folder);

// Likewise the bytes of an image that `source` says the path of, such as that of a member of an archive, whose own name
// the copy gets: "shard.tar::cats/1.jpg" becomes 1.jpg.
std::string copy_into_folder(const EncodedImage& image, const std::string& source, const std::string& folder);

}  // namespace ppinfer
