// Which bytes of a string are valid UTF-8.
#pragma once

#include <cstddef>
#include <string_view>

namespace ppinfer {

// Bytes of the character that `text` (not empty) starts with: 1 to 4, or 0 when its first byte begins none (a stray
// continuation byte, an overlong form, a surrogate, beyond U+10FFFF, cut short).
std::size_t utf8_character_bytes(std::string_view text);

}  // namespace ppinfer
