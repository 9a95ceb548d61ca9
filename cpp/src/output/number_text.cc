#include "output/number_text.h"

#include <charconv>
#include <string_view>

namespace ppinfer {

void append_integer(int value, std::string& text) {
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  text.append(digits, end);
}

void append_shortest(float value, std::string& text) {
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  text.append(digits, end);
  if (std::string_view(digits, static_cast<std::size_t>(end - digits)).find_first_of(".en") == std::string_view::npos) {
    text += ".0";
  }
}

void append_fixed(float value, int decimals, std::string& text) {
  char digits[64];  // the largest float32 has 39 digits before the point
  const auto end = std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed, decimals).ptr;
  text.append(digits, end);
}

}  // namespace ppinfer
