#include "core/utf8.h"

namespace ppinfer {
namespace {

struct Form {
  std::size_t bytes = 0;
  unsigned char second_min =
      0x80;  // overlong forms, surrogates and what is beyond U+10FFFF all show in the second byte
  unsigned char second_max = 0xBF;
};

// Unicode standard, table 3-7 (well-formed UTF-8 byte sequences).
Form form_of(unsigned char first) {
  if (first < 0x80) return {1};
  if (first < 0xC2) return {};
  if (first < 0xE0) return {2};
  if (first == 0xE0) return {3, 0xA0, 0xBF};
  if (first == 0xED) return {3, 0x80, 0x9F};
  if (first < 0xF0) return {3};
  if (first == 0xF0) return {4, 0x90, 0xBF};
  if (first < 0xF4) return {4};
  if (first == 0xF4) return {4, 0x80, 0x8F};
  return {};
}

}  // namespace

std::size_t utf8_character_bytes(std::string_view text) {
  const Form form = form_of(static_cast<unsigned char>(text.front()));
  if (form.bytes > text.size()) return 0;
  for (std::size_t index = 1; index < form.bytes; ++index) {
    const auto byte = static_cast<unsigned char>(text[index]);
    const unsigned char min = index == 1 ? form.second_min : 0x80;
    const unsigned char max = index == 1 ? form.second_max : 0xBF;
    if (byte < min || byte > max) return 0;
  }
  return form.bytes;
}

}  // namespace ppinfer
