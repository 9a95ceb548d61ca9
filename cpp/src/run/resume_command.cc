#include <algorithm>
#include <cstdio>

#include "ppinfer/run_text.h"
#include "ppinfer/terminal.h"

namespace ppinfer {
namespace {

constexpr const char* kLimit = "--max-errors";

bool is_plain(unsigned char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
         std::string("@%+=:,./_-").find(static_cast<char>(byte)) != std::string::npos;
}

// In the way of bash, zsh and ksh.
std::string with_octal_bytes(const std::string& word) {
  std::string text = "$'";
  for (const unsigned char byte : word) {
    char octal[5];
    std::snprintf(octal, sizeof octal, "\\%03o", static_cast<unsigned>(byte));
    const bool as_it_is = byte >= ' ' && byte < 0x7F && byte != '\'' && byte != '\\';
    as_it_is ? text += static_cast<char>(byte) : text += octal;
  }
  return text + "'";
}

std::string shell_word(const std::string& word) {
  if (!word.empty() && word.front() != '=' && std::all_of(word.begin(), word.end(), is_plain)) return word;  // =: zsh
  if (shown(word) != word) return with_octal_bytes(word);
  std::string text = "'";
  for (const char letter : word) letter == '\'' ? text += R"('"'"')" : text += letter;
  return text + "'";
}

}  // namespace

std::string resume_command(const CommandLine& command, bool over_limit) {
  const auto options_end = std::find(command.words.begin(), command.words.end(), "--");
  const auto takes_value = [&](const std::string& word) {
    return std::find(command.value_flags.begin(), command.value_flags.end(), word) != command.value_flags.end();
  };
  std::string text;
  const auto add = [&](const std::string& word) { text += (text.empty() ? "" : " ") + shell_word(word); };
  for (auto word = command.words.begin(); word != options_end; ++word) {
    const bool is_limit = *word == kLimit || word->rfind(std::string(kLimit) + "=", 0) == 0;
    const bool is_left_out = *word == "--resume" || *word == "--force" || (over_limit && is_limit);
    const bool has_value = takes_value(*word) && word + 1 != options_end;
    if (!is_left_out) add(*word);
    if (has_value) ++word;  // which may read like a flag
    if (has_value && !is_left_out) add(*word);
  }
  text += " --resume";
  std::for_each(options_end, command.words.end(), add);
  return text;
}

}  // namespace ppinfer
