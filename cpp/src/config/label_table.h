// Label files that are a table with a header, as of CSV.
#pragma once

#include <cstddef>
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

}  // namespace ppinfer
