// A library's message of several lines, as one line for people.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace ppinfer {

// The lines of `message` joined by "; ", each once, without bullets, without blank lines and without headings. Where
// there are only headings, the last of them; where there is nothing, "no reason given". Control characters become
// blanks, and a text longer than 1000 bytes is cut.
std::string reason_from_lines(const std::string& message, const std::function<bool(std::string_view)>& is_heading);

}  // namespace ppinfer
