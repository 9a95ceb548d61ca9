// Settings as people write them: lines of a config.txt, and key=value overrides.
#pragma once

#include <string>
#include <vector>

#include "config/layer.h"
#include "ppinfer/config.h"

namespace ppinfer {

// A line is `key value`: blanks separate the two, the value is the rest of the line, trimmed, in quotes or not. '#'
// begins a comment at the start of a line and after a blank, but not inside quotes. LF or CRLF, with or without BOM.
// `path` is shown in messages, and its folder is what paths in values are relative to. Adds every problem found.
ConfigLayer parse_config_text(const std::string& text, const std::string& path, std::vector<std::string>& problems);

// Values are taken as they are: no quotes, no comments.
ConfigLayer parse_overrides(const std::vector<Override>& overrides, std::vector<std::string>& problems);

}  // namespace ppinfer
