#include "report.h"

#include <cstdio>

#include "core/message_text.h"
#include "way_on.h"

namespace ppinfer {

namespace {

std::string records_place(const JobTotals& totals, const std::string& output_path) {
  const JobFiles files = job_files(output_path);
  if (output_path == "-") return "on standard output";
  return "in " + (totals.end == JobEnd::kComplete || files.part.empty() ? output_path : files.part);
}

}  // namespace

std::string no_images(const std::vector<std::string>& paths, const InputOptions& options, const SkippedFiles& skipped) {
  std::vector<std::string> places = paths;
  if (options.list_path == "-") places.emplace_back("the list on standard input");
  if (!options.list_path.empty() && options.list_path != "-") places.push_back("the list " + options.list_path);
  std::string text = "no images in ";
  for (std::size_t i = 0; i < places.size(); ++i) text += (i > 0 ? ", " : "") + places[i];
  if (skipped.count() > 0) text += ": " + in_words(skipped);
  return text;
}

std::string empty_shard(const InputOptions& options, const JobTotals& totals) {
  return "shard " + std::to_string(options.shard_index) + "/" + std::to_string(options.shard_count) +
         " is complete without any image: the " + std::to_string(totals.of_other_shards) +
         " there are belong to other shards";
}

std::string summary(const JobTotals& totals, const std::string& output_path) {
  char time[64];
  std::snprintf(time, sizeof time, " in %.2f s (%.1f images/s), ", totals.run.wall_ms / 1e3, totals.run.images_per_s());
  std::string text;
  if (totals.done_before > 0)
    text = counted(totals.images(), "image") + ", " + std::to_string(totals.done_before) + " of them before and ";
  text += counted(totals.run.images, "image") + time + counted(totals.errors(), "error");
  if (totals.run.machine_errors > 0) {
    text += " (" + counted(totals.run.machine_errors, "machine error") + "; see the records)";
  }
  if (totals.skipped.count() > 0) text += ", " + in_words(totals.skipped);
  return text + "; records " + records_place(totals, output_path);
}

namespace {

bool can_go_on(const JobTotals& totals) { return totals.images() > 0 && totals.can_resume; }

}  // namespace

std::string stopped(const JobTotals& totals, const Arguments& arguments) {
  const bool over_limit = totals.end == JobEnd::kMaxErrors;
  const std::string reason = over_limit ? "stopped early: too many errors (" + std::to_string(totals.errors()) +
                                              " of " + counted(totals.images(), "image") + ")"
                                        : "interrupted";
  if (!can_go_on(totals)) return reason + "; the images done so far have their records";
  return reason + "; the records so far are kept. To go on from there" +
         (over_limit ? ", without a limit on errors" : "") +
         (arguments.inputs.list_path == "-" ? ", with the same list on standard input" : "") + ":";
}

std::string way_on(const JobTotals& totals, const Arguments& arguments) {
  return can_go_on(totals) ? resuming(arguments.command, totals.end == JobEnd::kMaxErrors) : "";
}

}  // namespace ppinfer
