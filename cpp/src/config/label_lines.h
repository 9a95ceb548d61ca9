// The forms in which a label file has a class a line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/label_ids.h"

namespace ppinfer {

struct LabelLine {
  int number = 0;         // from 1
  std::string_view text;  // trimmed; empty only between others
};

// The names in the order of their ids. An id stands before the name or behind it ("0 cat", "0: cat", "0,cat", "cat,0",
// ...), in any order of lines; without ids the order of lines counts. A form is taken when every line fits it and the
// ids are 0 to n-1 once each. Lines that mostly have ids, but wrong ones, and lines that fit two forms with different
// names, are problems. The first line may be a header, with further columns, as of CSV.
// A `delimiter` that isn't empty says the form: every line has an id, the delimiter, and a name.
std::vector<std::string> names_of_lines(std::vector<LabelLine> lines, const std::string& delimiter,
                                        LabelProblems& problems);

}  // namespace ppinfer
