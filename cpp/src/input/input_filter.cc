#include "input/input_filter.h"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "core/stable_hash.h"
#include "ppinfer/error.h"

namespace ppinfer {
namespace {

using Problems = std::vector<std::string>;

std::vector<PathPattern> patterns_of(const std::vector<std::string>& texts, Problems& problems) {
  std::vector<PathPattern> patterns;
  for (const std::string& text : texts) {
    try {
      patterns.push_back(PathPattern::of_names_or_paths(text));
    } catch (const ConfigError& error) {
      problems.insert(problems.end(), error.problems().begin(), error.problems().end());
    }
  }
  return patterns;
}

bool matches_one(const std::vector<PathPattern>& patterns, std::string_view path, bool is_folder) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const PathPattern& pattern) { return pattern.match(path, is_folder).here; });
}

std::string shard_problem(const std::string& shard) {
  return "shard " + shard + ": expected I/N with I from 1 to N, such as 1/4 to 4/4 on four machines";
}

}  // namespace

std::pair<int, int> parse_shard(const std::string& text) {
  std::pair<int, int> shard;
  const char* const end = text.data() + text.size();
  const auto index = std::from_chars(text.data(), end, shard.first);
  if (index.ec == std::errc() && index.ptr != end && *index.ptr == '/') {
    const auto count = std::from_chars(index.ptr + 1, end, shard.second);
    if (count.ec == std::errc() && count.ptr == end && shard.first >= 1 && shard.first <= shard.second) return shard;
  }
  throw ConfigError({shard_problem(text)});
}

InputFilter::InputFilter(const InputOptions& options) : hidden_(options.hidden), follow_links_(options.follow_links) {
  Problems problems;
  include_ = patterns_of(options.include, problems);
  exclude_ = patterns_of(options.exclude, problems);
  if (options.shard_index < 1 || options.shard_index > options.shard_count) {
    problems.push_back(shard_problem(std::to_string(options.shard_index) + "/" + std::to_string(options.shard_count)));
  }
  if (!problems.empty()) throw ConfigError(std::move(problems));
  shard_index_ = static_cast<std::uint64_t>(options.shard_index);
  shard_count_ = static_cast<std::uint64_t>(options.shard_count);
}

bool InputFilter::takes_member(std::string_view path) const {
  for (std::size_t start = 0;;) {
    const std::size_t slash = path.find('/', start);
    const std::string_view name = path.substr(start, slash - start);
    const bool is_name = !name.empty() && name != "." && name != "..";
    if (is_name && !takes_name(name)) return false;
    if (slash == std::string_view::npos) return takes_image(path);
    if (is_name && !enters_folder(path.substr(0, slash))) return false;
    start = slash + 1;
  }
}

bool InputFilter::in_shard(std::string_view path) const {
  const bool is_in = shard_count_ == 1 || stable_hash(path) % shard_count_ == shard_index_ - 1;
  if (!is_in) ++of_other_shards_;
  return is_in;
}

bool InputFilter::excluded(std::string_view path, bool is_folder) const {
  return matches_one(exclude_, path, is_folder);
}

bool InputFilter::included(std::string_view path) const {
  return include_.empty() || matches_one(include_, path, false);
}

}  // namespace ppinfer
