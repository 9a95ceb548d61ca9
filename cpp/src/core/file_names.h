// What the name of a file says of its content.
#pragma once

#include <string>
#include <string_view>

namespace ppinfer {

std::string lower_ending(std::string_view path);  // ".csv" of "out/records.CSV"; empty: none, as of "out/.csv"
bool has_ending(std::string_view name);           // any at all
bool has_config_ending(std::string_view name);    // .txt .conf .cfg .yml .yaml, in any case
bool has_image_ending(std::string_view name);     // .jpg .jpeg .jpe .png .bmp .webp .tif .tiff .gif, in any case
bool has_archive_ending(std::string_view name);   // .tar .tar.gz .tgz .zip, in any case

}  // namespace ppinfer
