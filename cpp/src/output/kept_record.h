// Reads from a record what a resumed run asks: the path as the format writes it, and whether the image failed.
#pragma once

#include <string>
#include <string_view>

#include "ppinfer/record_writer.h"

namespace ppinfer {

struct KeptRecord {
  std::string path;  // as the format writes it, quotes included
  bool is_error = false;
};

// Of a whole record as append_record() writes it, its line end included or not. A record of another format gives a path
// that no input has.
KeptRecord read_record(std::string_view record, RecordFormat format);

// A path as records hold it, quotes included.
std::string path_text(const std::string& path, RecordFormat format);

}  // namespace ppinfer
