#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/file_names.h"
#include "core/message_text.h"
#include "ppinfer/error.h"
#include "ppinfer/record_writer.h"

namespace ppinfer {
namespace {

struct Ending {
  std::string_view ending, format;
};

constexpr std::array<Ending, 7> kEndings{{{".txt", "text"},
                                          {".jsonl", "jsonl"},
                                          {".ndjson", "jsonl"},
                                          {".csv", "csv"},
                                          {".parquet", "parquet"},
                                          {".pq", "parquet"},
                                          {".npy", "npy"}}};
constexpr std::array<std::string_view, 11> kOfOthers{".json", ".tsv", ".xlsx",    ".xls", ".html", ".npz",
                                                     ".gz",   ".zst", ".feather", ".db",  ".pkl"};

const std::vector<std::string>& usual_endings() {
  static const std::vector<std::string> endings{".txt", ".jsonl", ".csv", ".parquet", ".npy"};
  return endings;
}

bool is_word(std::string_view ending) {  // and no number of a part, say
  return std::all_of(ending.begin() + 1, ending.end(), [](char letter) { return letter >= 'a' && letter <= 'z'; });
}

}  // namespace

std::string format_from_extension(const std::string& output_path) {
  const std::string ending = lower_ending(output_path);
  if (ending.empty()) return "";
  for (const Ending& known : kEndings) {
    if (ending == known.ending) return std::string(known.format);
  }
  const bool is_of_others = std::find(kOfOthers.begin(), kOfOthers.end(), ending) != kOfOthers.end();
  const std::string guess = is_word(ending) ? did_you_mean(ending, usual_endings()) : "";
  if (!is_of_others && guess.empty()) return "";
  throw ConfigError(
      {output_path + ": unknown output format " + ending + guess + ": expected " + either_of(usual_endings())});
}

}  // namespace ppinfer
