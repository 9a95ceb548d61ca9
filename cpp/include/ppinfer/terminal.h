// Text that is safe for a terminal.
#pragma once

#include <string>
#include <string_view>

namespace [[gnu::visibility("default")]] ppinfer {

// `text` as one line without effect on a terminal: control characters, text-direction marks, line separators, and bytes
// that aren't UTF-8 are escaped as \n, \t, \r, or \xNN for each byte. Except in ConfigError, ppinfer's messages have
// unescaped file names.
std::string shown(std::string_view text);

}  // namespace ppinfer
