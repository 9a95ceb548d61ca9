#include "input_flags.h"

#include <CLI/CLI.hpp>
#include <tuple>

#include "ppinfer/error.h"

namespace ppinfer {
namespace {

constexpr const char* kGroup = "Which inputs";

}  // namespace

InputFlags::InputFlags(CLI::App& app) {
  app.add_option("--list", options_.list_path,
                 "File of more paths, one a line. Labels on a line are ignored. - is standard input")
      ->option_text("FILE")
      ->group(kGroup);
  app.add_flag("-0,--null", options_.list_ends_in_nul, "The paths of --list end in NUL, as find -print0 writes them")
      ->group(kGroup);
  app.add_option("--include", options_.include, "Of what is found take only what matches; may be given many times")
      ->option_text("PATTERN")
      ->allow_extra_args(false)
      ->group(kGroup);
  app.add_option("--exclude", options_.exclude, "Leave out what matches, folders too; may be given many times")
      ->option_text("PATTERN")
      ->allow_extra_args(false)
      ->group(kGroup);
  app.add_option("--shard", shard_, "The I-th of N parts of the inputs, as for N machines")
      ->option_text("I/N")
      ->group(kGroup);
  app.add_flag("--hidden", options_.hidden, "Names that begin with a dot, too")->group(kGroup);
  app.add_flag("--no-follow-links", no_follow_links_, "Pass over symbolic links in folders")->group(kGroup);
}

InputOptions InputFlags::take(std::vector<std::string>& problems) {
  options_.follow_links = !no_follow_links_;
  try {
    if (!shard_.empty()) std::tie(options_.shard_index, options_.shard_count) = parse_shard(shard_);
  } catch (const ConfigError& error) {
    problems.push_back(std::string("--") + error.what());
  }
  if (options_.list_ends_in_nul && options_.list_path.empty()) {
    problems.emplace_back("-0: there is no list: expected --list FILE, or --list - for standard input");
  }
  return options_;
}

}  // namespace ppinfer
