#include "core/message_text.h"

#include <algorithm>
#include <cstddef>

#include "core/terminal_text.h"
#include "core/utf8.h"
#include "ppinfer/terminal.h"

namespace ppinfer {
namespace {

constexpr std::size_t kShownBytes = 80;
constexpr std::size_t kComparedBytes = 128;  // edit distance is quadratic, and nobody mistypes longer names

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      cost[i][j] = std::min({replace, cost[i - 1][j] + 1, cost[i][j - 1] + 1});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  }
  return cost[a.size()][b.size()];
}

// The candidate that contains `name` between underscores: "cls_model_path" for "model_path". Empty if none or several
// do.
std::string only_with_part(std::string_view name, const std::vector<std::string>& candidates) {
  constexpr std::size_t kLeastBytes = 4;
  std::string only;
  if (name.size() < kLeastBytes) return only;
  const std::string part = "_" + std::string(name) + "_";
  for (const std::string& candidate : candidates) {
    if (("_" + candidate + "_").find(part) == std::string::npos) continue;
    if (!only.empty()) return "";
    only = candidate;
  }
  return only;
}

}  // namespace

std::string quoted(std::string_view text) {
  std::string quote = "\"";
  std::size_t used = 0;
  while (used < text.size() && used < kShownBytes) {
    const std::string_view rest = text.substr(used);
    const std::size_t bytes = std::max<std::size_t>(1, utf8_character_bytes(rest));
    if (rest.front() == '"' || rest.front() == '\\') quote += '\\';
    append_shown(rest.substr(0, bytes), false, quote);
    used += bytes;
  }
  return quote + (used < text.size() ? "...\"" : "\"");
}

std::string shown_word(std::string_view text) {
  const bool is_word =
      text.size() <= kShownBytes && text.find_first_of(" \"") == std::string_view::npos && shown(text) == text;
  return is_word ? std::string(text) : quoted(text);
}

std::string one_line(std::string_view text) {
  std::string line;
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    line += byte < 0x20 || byte == 0x7f ? ' ' : character;
  }
  line.erase(line.find_last_not_of(' ') + 1);  // npos + 1 is 0
  line.erase(0, line.find_first_not_of(' '));
  return line;
}

std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates) {
  if (name.size() > kComparedBytes) return "";
  std::string whole = only_with_part(name, candidates);
  if (!whole.empty()) return whole;
  std::string nearest;
  std::size_t fewest_edits = std::max<std::size_t>(1, name.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t least_edits = std::max(name.size(), candidate.size()) - std::min(name.size(), candidate.size());
    if (candidate.size() > kComparedBytes || least_edits >= fewest_edits) continue;
    const std::size_t edits = edit_distance(name, candidate);
    if (edits < fewest_edits) {
      fewest_edits = edits;
      nearest = candidate;
    }
  }
  return nearest;
}

std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates) {
  const std::string nearest = nearest_name(name, candidates);
  return nearest.empty() ? "" : " (did you mean " + nearest + "?)";
}

std::string grouped(std::int64_t number) {
  std::string digits = std::to_string(number);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > (number < 0 ? 1 : 0); at -= 3) {
    digits.insert(static_cast<std::size_t>(at), ",");
  }
  return digits;
}

std::string counted(std::int64_t count, const std::string& noun) {
  return grouped(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string either_of(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += names[i];
  }
  return text;
}

}  // namespace ppinfer
