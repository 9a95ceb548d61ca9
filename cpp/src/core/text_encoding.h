// Which encoding a file's text is in, where it isn't UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace ppinfer {

// What is wrong with text that should be UTF-8, and the command that converts it: "is UTF-16LE text, expected UTF-8;
// convert it: iconv -f UTF-16LE -t UTF-8 FILE > NEW". Empty: it is UTF-8. Of text with NUL bytes that no encoding
// explains: "is not a text file (byte 7 is NUL)". An encoding without a mark of its own is a guess, and called one.
std::string encoding_problem(std::string_view text);

}  // namespace ppinfer
