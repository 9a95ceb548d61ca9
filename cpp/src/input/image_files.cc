#include "ppinfer/image_files.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <deque>
#include <utility>
#include <variant>

#include "input/read_ahead.h"
#include "input/system_reason.h"

namespace ppinfer {
namespace {

// Files that the system is told of before a lane asks for them. From a disk that isn't in memory yet, 8 to 19 % more
// images a second were measured; for files that are, it costs a few microseconds each.
constexpr std::size_t kFilesAhead = 16;

constexpr std::array<const char*, 9> kImageEndings{".jpg",  ".jpeg", ".jpe",  ".png", ".bmp",
                                                   ".webp", ".tif",  ".tiff", ".gif"};

bool has_ending(const std::string& name) { return name.find('.') != std::string::npos; }

bool has_image_ending(const std::string& name) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string::npos) return false;
  std::string ending = name.substr(dot);
  for (char& letter : ending) {  // not tolower: that would ask the locale
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return std::find(kImageEndings.begin(), kImageEndings.end(), ending) != kImageEndings.end();
}

std::string join(const std::string& folder, const std::string& name) {
  return !folder.empty() && folder.back() == '/' ? folder + name : folder + '/' + name;
}

// Names in the folder but "." and "..", in byte order. Returns errno of what stopped the listing, or 0.
int list_folder(const std::string& path, std::vector<std::string>& names) {
  DIR* const folder = opendir(path.c_str());
  if (folder == nullptr) return errno;
  int error_number = 0;
  for (;;) {
    errno = 0;
    const dirent* const entry = readdir(folder);
    if (entry == nullptr) {
      error_number = errno;
      break;
    }
    std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(std::move(name));
  }
  closedir(folder);
  std::sort(names.begin(), names.end());
  return error_number;
}

void set(ImageInput& input, std::string path) {
  input = ImageInput{};
  input.path = std::move(path);
}

void set_unusable(ImageInput& input, std::string path, std::string reason) {
  set(input, std::move(path));
  input.content = UnusableInput{std::move(reason)};
}

}  // namespace

// Holds the entries of the folders on the way from a given path to where the walk stands, and no others.
class ImageFiles::Walk {
 public:
  explicit Walk(std::vector<std::string> paths) : paths_(std::move(paths)) {}

  bool next(ImageInput& input) {
    while (ahead_.size() < kFilesAhead && walk(found_)) {
      if (!std::holds_alternative<UnusableInput>(found_.content)) read_ahead(found_.path);
      ahead_.push_back(std::move(found_));
    }
    if (ahead_.empty()) return false;
    input = std::move(ahead_.front());
    ahead_.pop_front();
    return true;
  }

  std::int64_t skipped() const { return skipped_; }

 private:
  // The next input in order; false: there is none.
  bool walk(ImageInput& input) {
    for (;;) {
      if (!folders_.empty()) {
        Folder& folder = folders_.back();
        if (folder.next_entry == folder.entries.size()) {
          folders_.pop_back();
        } else {
          const std::string name = std::move(folder.entries[folder.next_entry++]);
          if (visit(join(folder.path, name), name, input)) return true;
        }
      } else if (next_path_ < paths_.size()) {
        if (start(std::move(paths_[next_path_++]), input)) return true;
      } else {
        return false;
      }
    }
  }

  struct Folder {
    std::string path;
    dev_t device = 0;
    ino_t inode = 0;
    std::vector<std::string> entries;
    std::size_t next_entry = 0;
  };

  // A path that was given. True: it is an input itself.
  bool start(std::string path, ImageInput& input) {
    struct stat status;
    const bool is_folder =
        path.find('\0') == std::string::npos && stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
    if (is_folder) return enter(std::move(path), status, input);
    set(input, std::move(path));
    return true;
  }

  // An entry of a folder that is walked. True: it is an input.
  bool visit(std::string path, const std::string& name, ImageInput& input) {
    if (name.front() == '.') return skip();
    struct stat status;
    if (stat(path.c_str(), &status) != 0) {
      // Most likely a broken link. Without any ending it may have led to a folder: that isn't left out in silence.
      if (!has_image_ending(name) && has_ending(name)) return skip();
      set(input, std::move(path));
      return true;
    }
    if (S_ISDIR(status.st_mode)) {
      if (enter(path, status, input)) return true;
      if (!has_image_ending(name)) return false;
      set_unusable(input, std::move(path), "is a folder, not an image file");
      return true;
    }
    if (!has_image_ending(name)) return skip();
    set(input, std::move(path));
    return true;
  }

  // Makes the folder the one to go on with. True: it can't be read, or not in full, which makes it an input.
  bool enter(std::string path, const struct stat& status, ImageInput& input) {
    if (const Folder* const ancestor = find_ancestor(status)) {
      set_unusable(input, std::move(path), "a link back to the folder " + ancestor->path + ", which is being walked");
      return true;
    }
    Folder folder{path, status.st_dev, status.st_ino, {}, 0};
    const int error_number = list_folder(path, folder.entries);
    folders_.push_back(std::move(folder));
    if (error_number == 0) return false;
    set_unusable(input, std::move(path), "the folder cannot be read: " + system_reason(error_number));
    return true;
  }

  const Folder* find_ancestor(const struct stat& status) const {
    for (const Folder& folder : folders_) {
      if (folder.device == status.st_dev && folder.inode == status.st_ino) return &folder;
    }
    return nullptr;
  }

  bool skip() {
    ++skipped_;
    return false;
  }

  std::vector<std::string> paths_;
  std::size_t next_path_ = 0;
  std::vector<Folder> folders_;
  std::deque<ImageInput> ahead_;
  ImageInput found_;
  std::atomic<std::int64_t> skipped_{0};  // read by other threads while the walk goes on
};

ImageFiles::ImageFiles(std::vector<std::string> paths) : walk_(std::make_unique<Walk>(std::move(paths))) {}
ImageFiles::~ImageFiles() = default;

bool ImageFiles::next(ImageInput& input) { return walk_->next(input); }

std::int64_t ImageFiles::skipped() const { return walk_->skipped(); }

}  // namespace ppinfer
