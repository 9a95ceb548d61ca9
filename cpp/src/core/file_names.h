// What the name of a file says of its content; has_image_ending is in ppinfer/image.h.
#pragma once

#include <string>
#include <string_view>

namespace ppinfer {

std::string lower_ending(std::string_view path);  // ".csv" of "out/records.CSV"; empty: none, as of "out/.csv"
bool has_config_ending(std::string_view name);    // .txt .conf .cfg .yml .yaml, in any case
bool has_archive_ending(std::string_view name);   // .tar .tar.gz .tgz .zip, in any case

}  // namespace ppinfer
