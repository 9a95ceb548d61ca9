#include "input/input_identity.h"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <system_error>

#include "core/stable_hash.h"

namespace ppinfer {
namespace {

// Different for different texts: commas in them are escaped. Of many, how many they are and a hash.
std::string joined(const std::vector<std::string>& texts) {
  constexpr std::size_t kShownBytes = 4096;
  std::string all;
  for (const std::string& text : texts) {
    if (&text != &texts.front()) all += ", ";
    for (const char letter : text) {
      if (letter == ',' || letter == '\\') all += '\\';
      all += letter;
    }
  }
  if (all.size() <= kShownBytes) return all;
  return std::to_string(texts.size()) + " with hash " + std::to_string(stable_hash(all)) + ", the first " +
         texts.front().substr(0, kShownBytes);
}

// Where relative paths begin; empty when all are absolute.
std::string folder_of_relative(const std::vector<std::string>& paths, const std::string& list_path) {
  const auto is_absolute = [](const std::string& path) { return !path.empty() && path.front() == '/'; };
  if (list_path.empty() && std::all_of(paths.begin(), paths.end(), is_absolute)) return "";
  std::error_code unknown;
  return std::filesystem::current_path(unknown).string();
}

}  // namespace

std::vector<std::pair<std::string, std::string>> input_identity(const std::vector<std::string>& paths,
                                                                const InputOptions& options) {
  return {{"paths", joined(paths)},
          {"include", joined(options.include)},
          {"exclude", joined(options.exclude)},
          {"hidden", options.hidden ? "1" : "0"},
          {"follow_links", options.follow_links ? "1" : "0"},
          {"shard", std::to_string(options.shard_index) + "/" + std::to_string(options.shard_count)},
          {"list", options.list_path},
          {"working folder", folder_of_relative(paths, options.list_path)}};
}

}  // namespace ppinfer
