// What the name of a file says of its content; has_image_ending is in ppinfer/image.h.
#pragma once

#include <string>
#include <string_view>

namespace ppinfer {

std::string lower_ending(std::string_view path);  // ".csv" of "out/records.CSV"; empty: none, as of "out/.csv"
// As above, of names that end as files of a kind do: ".txt" of "notes.txt"; empty for "photos.2024" and "v1.2-final".
std::string kind_ending(std::string_view path);
// The same path with another ending, or with that ending in capitals if only that file exists (model.BIN).
std::string file_beside(const std::string& path, std::string ending);
bool has_config_ending(std::string_view name);   // .txt .conf .cfg .yml .yaml, in any case
bool has_archive_ending(std::string_view name);  // one of archive_endings() in ppinfer/image_files.h, in any case

}  // namespace ppinfer
