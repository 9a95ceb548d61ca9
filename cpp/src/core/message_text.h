// Pieces of error messages: text from outside made safe to show, and guesses at what was meant.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace [[gnu::visibility("default")]] ppinfer {

// In double quotes, what is unsafe on a terminal (terminal_text.h), quotes and backslashes escaped, truncated after 80
// bytes with "...".
std::string quoted(std::string_view text);
// Preferred to std::quoted, which <iomanip> declares and argument-dependent lookup finds.
inline std::string quoted(const std::string& text) { return quoted(std::string_view(text)); }

// As it is when it's short and could pass for one word, else quoted; empty text stays empty.
std::string shown_word(std::string_view text);

// On one line: what controls a terminal or ends a line is a space, at both ends nothing.
std::string one_line(std::string_view text);

// The candidate that contains `name` between underscores, if exactly one does. Otherwise the candidate that turns into
// `name` by the fewest edits (insert, delete, replace, swap neighbours); empty if that takes too many for a typing
// error.
std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates);

// " (did you mean X?)", or nothing when no candidate is near.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates);

std::string grouped(std::int64_t number);                          // "20,000"
std::string counted(std::int64_t count, const std::string& noun);  // "1 image", "20,000 images"

// "a, b or c"
std::string either_of(const std::vector<std::string>& names);

}  // namespace ppinfer
