// Classes of ASCII characters; unlike those of <cctype>, the same in every locale.
#pragma once

namespace ppinfer {

constexpr bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }

constexpr char to_lower(char byte) { return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte; }

constexpr bool is_letter(char byte) { return to_lower(byte) >= 'a' && to_lower(byte) <= 'z'; }

constexpr bool is_space(char byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }

}  // namespace ppinfer
