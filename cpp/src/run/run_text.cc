#include "ppinfer/run_text.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>

namespace ppinfer {
namespace {

std::string grouped(std::int64_t number) {  // "20,000"
  std::string digits = std::to_string(number);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), ",");
  }
  return digits;
}

std::string counted_in_groups(std::int64_t number, const std::string& noun) {
  return grouped(number) + " " + noun + (number == 1 ? "" : "s");
}

std::string records_place(const RunSummary& summary, const std::string& output_path) {
  if (output_path == "-") return "on standard output";
  const RunFiles files = run_files(output_path);
  return "in " + (summary.end == RunEnd::kComplete || files.part.empty() ? output_path : files.part);
}

bool reads_list_from_standard_input(const std::vector<std::string>& command) {
  const auto options_end = std::find(command.begin(), command.end(), "--");
  for (auto word = command.begin(); word != options_end; ++word) {
    if (*word == "--list=-" || (*word == "--list" && word + 1 != options_end && word[1] == "-")) return true;
  }
  return false;
}

}  // namespace

std::string summary_sentence(const RunSummary& summary, const std::string& output_path) {
  char time[64];
  std::snprintf(time, sizeof time, " in %.2f s (%.1f images/s), ", summary.run.wall_ms / 1e3,
                summary.run.images_per_s());
  std::string text;
  if (summary.done_before > 0) {
    text = counted_in_groups(summary.images_in_all(), "image") + ", " + grouped(summary.done_before) +
           " of them before, and ";
  }
  text += counted_in_groups(summary.run.images, "image") + time + counted_in_groups(summary.errors_in_all(), "error");
  if (summary.run.machine_errors > 0) {
    text += " (" + counted_in_groups(summary.run.machine_errors, "machine error") + "; see the records)";
  }
  if (summary.skipped.count() > 0) text += ", " + in_words(summary.skipped);
  return text + "; records " + records_place(summary, output_path);
}

std::string no_images_sentence(const std::string& inputs, const SkippedFiles& skipped) {
  return "no images in " + inputs + (skipped.count() > 0 ? ": " + in_words(skipped) : "");
}

std::string inputs_in_words(const std::vector<std::string>& paths, const std::string& list_path) {
  std::string text;
  const auto add = [&](const std::string& place) { text += (text.empty() ? "" : ", ") + place; };
  std::for_each(paths.begin(), paths.end(), add);
  if (!list_path.empty()) add(list_path == "-" ? "the list on standard input" : "the list " + list_path);
  return text;
}

std::string empty_shard_sentence(int index, int count, const RunSummary& summary) {
  return "shard " + std::to_string(index) + "/" + std::to_string(count) + " is empty: other shards have " +
         counted_in_groups(summary.of_other_shards, "image");
}

std::vector<std::string> stop_lines(const RunSummary& summary, const std::vector<std::string>& command) {
  const bool over_limit = summary.end == RunEnd::kMaxErrors;
  const std::string reason = over_limit ? "stopped early: too many errors (" + grouped(summary.errors_in_all()) +
                                              " of " + counted_in_groups(summary.images_in_all(), "image") + ")"
                                        : "interrupted";
  if (summary.images_in_all() == 0 || !summary.can_resume) {
    return {reason + "; the finished images have their records"};
  }
  std::vector<std::string> lines = resume_lines(command, over_limit);
  lines.front().insert(0, reason + "; the records so far are kept. ");
  return lines;
}

std::vector<std::string> resume_lines(const std::vector<std::string>& command, bool over_limit) {
  std::string words = "To resume";
  if (over_limit) words += ", without a limit on errors";
  if (reads_list_from_standard_input(command)) words += ", with the same list on standard input";
  return {words + ":", "  " + resume_command(command, over_limit)};
}

}  // namespace ppinfer
