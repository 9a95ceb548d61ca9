// Label files in JSON, YAML, or as a Python dict or list. yaml-cpp reads all three: JSON is YAML except for surrogate
// pairs, and a Python dict of numbers and texts is a YAML map in braces.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/label_ids.h"
#include "config/label_lines.h"

namespace ppinfer {

// The names in the order of their ids; nothing: the file isn't of such a form. It can be a list of names; a list of
// maps, one a class, with its id and name; a map from ids to names (or to a WordNet id and a name), or from names to
// ids; or a map that holds one of these as id2label, label2id, class_to_idx, names or another name that people use. The
// outer brackets may be missing where each line is an entry and ends with a comma. Anything else is a problem.
std::optional<std::vector<std::string>> names_of_structure(std::string_view text, const std::vector<LabelLine>& lines,
                                                           LabelProblems& problems);

}  // namespace ppinfer
