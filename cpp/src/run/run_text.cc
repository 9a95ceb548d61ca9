#include "ppinfer/run_text.h"

#include <algorithm>
#include <cstdio>

#include "core/message_text.h"

namespace ppinfer {
namespace {

std::string records_place(const RunSummary& summary, const std::string& output_path) {
  if (output_path == "-") return "on standard output";
  const RunFiles files = run_files(output_path);
  return "in " + (summary.end == RunEnd::kComplete || files.part.empty() ? output_path : files.part);
}

// "; 19 images sorted into sorted; 1 bad image moved into bad, 2 not moved: 2 in archives"
std::string image_files_in_words(const RunSummary& summary) {
  std::string text;
  if (!summary.sorted.folder.empty()) {
    text += "; " + counted(summary.sorted.images, "image") + " sorted into " + summary.sorted.folder;
    if (summary.sorted.gone > 0) text += " (" + grouped(summary.sorted.gone) + " not there any more)";
  }
  const MovedImages& moved = summary.moved;
  if (moved.folder.empty() || summary.end != RunEnd::kComplete) return text;
  text += "; " + counted(moved.images, "bad image") + " moved into " + moved.folder;
  std::int64_t stayed = 0;
  std::string reasons;
  for (const auto& [reason, images] : moved.stayed) {
    stayed += images;
    reasons += (reasons.empty() ? "" : ", ") + grouped(images) + " " + reason;
  }
  return stayed > 0 ? text + ", " + grouped(stayed) + " not moved: " + reasons : text;
}

}  // namespace

std::string summary_sentence(const RunSummary& summary, const std::string& output_path) {
  char time[64];
  std::snprintf(time, sizeof time, " in %.2f s (%.1f images/s), ", summary.run.wall_ms / 1e3,
                summary.run.images_per_s());
  std::string text;
  if (summary.done_before > 0) {
    text = counted(summary.images_in_all(), "image") + ", " + grouped(summary.done_before) + " of them before, and ";
  }
  text += counted(summary.run.images, "image") + time + counted(summary.errors_in_all(), "error");
  if (summary.run.machine_errors > 0) {
    text += " (" + counted(summary.run.machine_errors, "machine error") + "; see the records)";
  }
  if (summary.skipped.count() > 0) text += ", " + in_words(summary.skipped);
  return text + "; records " + records_place(summary, output_path) + image_files_in_words(summary);
}

std::string inputs_in_words(const std::vector<std::string>& paths, const std::string& list_path) {
  std::string text;
  const auto add = [&](const std::string& place) { text += (text.empty() ? "" : ", ") + place; };
  std::for_each(paths.begin(), paths.end(), add);
  if (!list_path.empty()) add(list_path == "-" ? "the list on standard input" : "the list " + list_path);
  return text;
}

namespace {

std::vector<std::string> stop_lines(const RunSummary& summary, bool reads_list, const CommandLine& command) {
  const bool over_limit = summary.end == RunEnd::kMaxErrors;
  const std::string reason = over_limit ? "stopped early: too many errors (" + grouped(summary.errors_in_all()) +
                                              " of " + counted(summary.images_in_all(), "image") + ")"
                                        : "interrupted";
  if (summary.images_in_all() == 0 || !summary.can_resume) {
    return {reason + "; the finished images have their records"};
  }
  std::vector<std::string> lines = resume_lines(command, reads_list, over_limit);
  lines.front().insert(0, reason + "; the records so far are kept. ");
  return lines;
}

}  // namespace

std::vector<std::string> end_lines(const RunSummary& summary, const std::vector<std::string>& paths,
                                   const InputOptions& inputs, const CommandLine& command, bool quiet) {
  if (summary.end != RunEnd::kComplete) return stop_lines(summary, inputs.list_path == "-", command);
  if (summary.images_in_all() > 0) return {};
  if (summary.of_other_shards == 0) {
    return {"no images in " + inputs_in_words(paths, inputs.list_path) +
            (summary.skipped.count() > 0 ? ": " + in_words(summary.skipped) : "")};
  }
  if (quiet) return {};
  return {"shard " + std::to_string(inputs.shard_index) + "/" + std::to_string(inputs.shard_count) +
          " is empty: other shards have " + counted(summary.of_other_shards, "image")};
}

std::vector<std::string> resume_lines(const CommandLine& command, bool reads_list, bool over_limit) {
  std::string words = "To resume";
  if (over_limit) words += ", without a limit on errors";
  if (reads_list) words += ", with the same list on standard input";
  return {words + ":", "  " + resume_command(command, over_limit)};
}

}  // namespace ppinfer
