#include "run/bad_images.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdint>

#include "core/file_names.h"
#include "core/message_text.h"
#include "ppinfer/error.h"

namespace ppinfer {
namespace {

constexpr std::int64_t kRefusalsToShow = 10;
constexpr const char* kCannotBeMoved = "can't be moved";

// Empty: nothing is there.
std::string file_at(const std::string& path) {
  struct stat status;
  if (lstat(path.c_str(), &status) != 0) return "";
  return std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino) + ":" + std::to_string(status.st_size) +
         ":" + std::to_string(status.st_mtim.tv_sec) + "." + std::to_string(status.st_mtim.tv_nsec);
}

// Empty: its file can be moved.
std::string why_it_stays(const std::string& path, Stage stage) {
  if (stage == Stage::kMachine) return "with machine errors";
  if (stage != Stage::kDecode && stage != Stage::kPreprocess) return std::string("failed at ") + to_string(stage);
  struct stat status;
  const bool leads_somewhere = stat(path.c_str(), &status) == 0;
  const bool is_folder = leads_somewhere && S_ISDIR(status.st_mode);
  if (path == "-" || (leads_somewhere && !is_folder && !S_ISREG(status.st_mode))) return "from a pipe";
  return is_folder || has_archive_ending(path) || is_member_path(path) ? "in archives" : "";
}

}  // namespace

void BadImages::add(const Result& result) {
  BadImage image;
  image.stays = why_it_stays(result.path, result.error->stage);
  if (image.stays.empty()) {
    image.path = result.path;
    image.file = file_at(result.path);
  }
  manifest_ != nullptr ? manifest_->add(image) : held_.push_back(std::move(image));
}

void BadImages::flush() {
  if (manifest_ != nullptr) manifest_->flush();
}

MovedImages BadImages::move() {
  MovedImages moved;
  moved.folder = folder_;
  const auto visit = [&](const BadImage& image) { move_one(image, moved); };
  manifest_ != nullptr ? manifest_->visit_bad_images(visit)
                       : static_cast<void>(std::for_each(held_.begin(), held_.end(), visit));
  const auto refused = moved.stayed.find(kCannotBeMoved);
  if (refused != moved.stayed.end() && refused->second > kRefusalsToShow) {
    moved.refused.push_back(counted(refused->second - kRefusalsToShow, "more bad image") + " " + kCannotBeMoved);
  }
  return moved;
}

void BadImages::move_one(const BadImage& image, MovedImages& moved) {
  const std::string found = image.path.empty() ? "" : file_at(image.path);
  if (image.path.empty()) {
    ++moved.stayed[image.stays];
  } else if (!found.empty() && found != image.file) {
    ++moved.stayed["changed since"];
  } else if (!found.empty()) {  // else it is moved already, or somebody else has taken it
    try {
      moved.images += copier_.move(image.path, folder_) ? 1 : 0;
    } catch (const RuntimeFailure& failure) {
      if (++moved.stayed[kCannotBeMoved] <= kRefusalsToShow) moved.refused.emplace_back(failure.what());
    }
  }
}

}  // namespace ppinfer
