#include "input_flags.h"

#include <CLI/CLI.hpp>
#include <tuple>

#include "ppinfer/error.h"

namespace ppinfer {
namespace {

constexpr const char* kGroup = "Inputs";

}  // namespace

InputFlags::InputFlags(CLI::App& app) {
  app.add_option("--list", options_.list_path,
                 "Read further paths from FILE, one a line; labels on a line are ignored. - is standard input")
      ->option_text("FILE")
      ->group(kGroup);
  app.add_flag("-0,--null", options_.list_ends_in_nul, "Paths in --list end in NUL, as from find -print0")
      ->group(kGroup);
  app.add_option("--include", options_.include, "Use only images that match PATTERN; repeatable")
      ->option_text("PATTERN")
      ->allow_extra_args(false)
      ->group(kGroup);
  app.add_option("--exclude", options_.exclude, "Skip images and folders that match PATTERN; repeatable")
      ->option_text("PATTERN")
      ->allow_extra_args(false)
      ->group(kGroup);
  app.add_option("--shard", shard_, "Use the I-th of N shards of the inputs, such as for N machines")
      ->option_text("I/N")
      ->group(kGroup);
  app.add_flag("--hidden", options_.hidden, "Include hidden files")->group(kGroup);
  app.add_flag("--no-follow-links", no_follow_links_, "Skip symbolic links in folders")->group(kGroup);
}

InputOptions InputFlags::take(std::vector<std::string>& problems) {
  options_.follow_links = !no_follow_links_;
  try {
    if (!shard_.empty()) std::tie(options_.shard_index, options_.shard_count) = parse_shard(shard_);
  } catch (const ConfigError& error) {
    problems.push_back(std::string("--") + error.what());
  }
  if (options_.list_ends_in_nul && options_.list_path.empty()) {
    problems.emplace_back("-0: without a list; expected --list FILE, or --list - for standard input");
  }
  return options_;
}

}  // namespace ppinfer
