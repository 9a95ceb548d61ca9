#include "report.h"

#include <cstdio>

#include "core/message_text.h"

namespace ppinfer {

namespace {

std::string counted_skipped(std::int64_t files) {
  return counted(files, "file") + " skipped (hidden, or no image's name)";
}

}  // namespace

std::string no_images(const std::vector<std::string>& paths, std::int64_t skipped_files) {
  std::string text = "no images in ";
  for (std::size_t i = 0; i < paths.size(); ++i) text += (i > 0 ? ", " : "") + paths[i];
  if (skipped_files > 0) text += ": " + counted_skipped(skipped_files);
  return text;
}

std::string summary(const RunStats& stats, std::int64_t skipped_files, const std::string& output_path) {
  char time[64];
  std::snprintf(time, sizeof time, " in %.2f s (%.1f images/s), ", stats.wall_ms / 1e3, stats.images_per_s());
  std::string text = counted(stats.images, "image") + time + counted(stats.errors, "error");
  if (skipped_files > 0) text += ", " + counted_skipped(skipped_files);
  return text + "; records " + (output_path == "-" ? "on standard output" : "in " + output_path);
}

}  // namespace ppinfer
