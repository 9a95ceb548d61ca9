// Reads a line of a list that isn't itself a path.
#pragma once

#include <string>

namespace ppinfer {

struct ListLine {
  enum class Kind {
    kPath,     // `text` is the path of a file; the line holds something beside it
    kHeader,   // names of columns
    kUnknown,  // `text` is why no part of the line leads to a file; empty: it has no parts
  };
  Kind kind = Kind::kUnknown;
  std::string text;
  bool is_from_list_folder = false;  // the path is relative to the list's own folder
  bool has_more = false;             // a label, or other columns
};

// Lines such as `images/a.jpg 3`, `"a, b.jpg",cat`, `7;images/a.jpg;cat`: the part of the line that is the path of a
// file, seen from the working folder, or else from `list_folder`, where that isn't empty. A part is taken only where
// the rest can't be the path's own end: `photo 1.jpg` isn't the file `photo` with a label.
ListLine read_list_line(const std::string& line, bool is_first, const std::string& list_folder);

}  // namespace ppinfer
