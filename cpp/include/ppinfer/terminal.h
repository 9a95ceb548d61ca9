// Text that may go to a terminal.
#pragma once

#include <string>
#include <string_view>

namespace ppinfer {

// `text` as one line that a terminal shows and doesn't obey: control characters, marks that turn the direction of
// writing, separators of lines, and bytes that aren't UTF-8 are spelled out as \n, \t, \r, or \xNN a byte. ppinfer's
// messages hold names of files as they are.
std::string shown(std::string_view text);

}  // namespace ppinfer
