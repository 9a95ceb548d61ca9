// What the name of a file says of its content.
#pragma once

#include <string_view>

namespace ppinfer {

bool has_ending(std::string_view name);          // any at all
bool has_image_ending(std::string_view name);    // .jpg .jpeg .jpe .png .bmp .webp .tif .tiff .gif, in any case
bool has_archive_ending(std::string_view name);  // .tar .tar.gz .tgz .zip, in any case

}  // namespace ppinfer
