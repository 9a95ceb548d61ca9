// Text from outside, such as file names, made safe to print on a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ppinfer {

// Bytes of the character that `text` (not empty) starts with, where a terminal may not get it as it is: control
// characters (C0, DEL, C1), marks that turn the direction of writing, separators of lines and paragraphs, and bytes
// that aren't UTF-8. 0: it may.
std::size_t unsafe_character_bytes(std::string_view text);

// Appends shown(raw) (ppinfer/terminal.h); with `escape_backslash`, \ as \\, so that it can be read back.
void append_shown(std::string_view raw, bool escape_backslash, std::string& text);

}  // namespace ppinfer
