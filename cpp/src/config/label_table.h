// Label files that are a table with a header, as of CSV.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/label_lines.h"

namespace ppinfer {

struct TableHeader {
  std::size_t columns = 0;  // 0: the line isn't a header
  char delimiter = ',';
};

// Whether a file's first line names columns: one of class ids and one of names, and perhaps others.
TableHeader header_in(std::string_view line);

// The names of a table with more than two columns, whose first line is the header.
std::vector<std::string> names_of_table(const std::vector<LabelLine>& lines, const TableHeader& header,
                                        LabelProblems& problems);

// The names of lines with the same number of columns each, at least two, where the columns alone say which holds them:
// a name and a WordNet id. If several columns hold text, and no header names them, adds a problem. Returns nothing for
// lines of another form.
std::optional<std::vector<std::string>> names_of_columns(const std::vector<LabelLine>& lines, LabelProblems& problems);

}  // namespace ppinfer
