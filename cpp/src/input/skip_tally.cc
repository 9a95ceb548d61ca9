#include "input/skip_tally.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "core/file_names.h"
#include "core/message_text.h"

namespace ppinfer {
namespace {

constexpr std::size_t kMaxEndings = 256;
constexpr std::size_t kShownEndings = 5;

std::string of_ending(const std::string& ending, std::int64_t files) {
  return std::to_string(files) + (ending.empty() ? " without an ending" : " " + ending);
}

}  // namespace

void SkipTally::left_out() {
  const std::lock_guard lock(mutex_);
  ++skipped_.left_out;
}

void SkipTally::not_an_image(std::string_view path) {
  std::string ending = kind_ending(path);
  const std::lock_guard lock(mutex_);
  auto& counts = skipped_.not_images;
  const bool has_room = counts.size() < kMaxEndings || counts.count(ending) > 0;
  ++counts[has_room ? std::move(ending) : ""];
}

SkippedFiles SkipTally::get() const {
  const std::lock_guard lock(mutex_);
  return skipped_;
}

std::int64_t SkippedFiles::count() const {
  std::int64_t files = left_out;
  for (const auto& [ending, count] : not_images) files += count;
  return files;
}

std::string in_words(const SkippedFiles& skipped) {
  if (skipped.count() == 0) return "";
  std::vector<std::pair<std::string, std::int64_t>> endings(skipped.not_images.begin(), skipped.not_images.end());
  std::stable_sort(endings.begin(), endings.end(),
                   [](const auto& one, const auto& other) { return one.second > other.second; });
  std::string listed;
  std::int64_t rest = skipped.count() - skipped.left_out;
  const std::string all = std::to_string(rest) + (rest == 1 ? " not an image (" : " not images (");
  for (std::size_t index = 0; index < endings.size() && index < kShownEndings; ++index) {
    const auto& [ending, count] = endings[index];
    listed += (index > 0 ? ", " : "") + of_ending(ending, count);
    rest -= count;
  }
  if (rest > 0) listed += ", " + std::to_string(rest) + " of other endings";
  std::string text = counted(skipped.count(), "file") + " skipped: ";
  if (skipped.left_out > 0) text += std::to_string(skipped.left_out) + " hidden or excluded";
  if (skipped.left_out > 0 && !listed.empty()) text += ", ";
  return listed.empty() ? text : text + all + listed + ")";
}

}  // namespace ppinfer
