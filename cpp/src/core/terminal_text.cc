#include "core/terminal_text.h"

#include "core/utf8.h"
#include "ppinfer/terminal.h"

namespace ppinfer {
namespace {

// Two bytes: C1 controls U+0080 to U+009F, the Arabic letter mark U+061C.
bool is_unsafe_pair(unsigned char first, unsigned char second) {
  return (first == 0xC2 && second < 0xA0) || (first == 0xD8 && second == 0x9C);
}

// Three bytes: U+200E, U+200F, U+2028 to U+202E, U+2066 to U+2069.
bool is_unsafe_triple(std::string_view character) {
  if (character.substr(0, 2) == "\xE2\x80") {
    const auto last = static_cast<unsigned char>(character[2]);
    return last == 0x8E || last == 0x8F || (last >= 0xA8 && last <= 0xAE);
  }
  const auto last = static_cast<unsigned char>(character[2]);
  return character.substr(0, 2) == "\xE2\x81" && last >= 0xA6 && last <= 0xA9;
}

void append_escape(char character, std::string& text) {
  constexpr const char* kDigits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(character);
  switch (character) {
    case '\n':
      text += "\\n";
      return;
    case '\t':
      text += "\\t";
      return;
    case '\r':
      text += "\\r";
      return;
    default:
      text += "\\x";
      text += kDigits[byte >> 4U];
      text += kDigits[byte & 0xFU];
  }
}

}  // namespace

std::size_t unsafe_character_bytes(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  if (first < 0x80) return first < 0x20 || first == 0x7F ? 1 : 0;
  const std::size_t bytes = utf8_character_bytes(text);
  if (bytes == 0) return 1;
  if (bytes == 2) return is_unsafe_pair(first, static_cast<unsigned char>(text[1])) ? bytes : 0;
  return bytes == 3 && is_unsafe_triple(text.substr(0, bytes)) ? bytes : 0;
}

void append_shown(std::string_view raw, bool escape_backslash, std::string& text) {
  while (!raw.empty()) {
    const std::size_t unsafe = unsafe_character_bytes(raw);
    const std::size_t bytes = unsafe > 0 ? unsafe : utf8_character_bytes(raw);
    if (unsafe > 0) {
      for (const char character : raw.substr(0, bytes)) append_escape(character, text);
    } else if (escape_backslash && raw.front() == '\\') {
      text += "\\\\";
    } else {
      text += raw.substr(0, bytes);
    }
    raw.remove_prefix(bytes);
  }
}

std::string shown(std::string_view raw) {
  std::string text;
  append_shown(raw, false, text);
  return text;
}

}  // namespace ppinfer
