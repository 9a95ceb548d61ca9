#include "ppinfer/image_files.h"

#include <sys/stat.h>

#include <atomic>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <optional>
#include <utility>
#include <variant>

#include "core/file_names.h"
#include "input/archive_walk.h"
#include "input/folder_walk.h"
#include "input/found_input.h"
#include "input/glob.h"
#include "input/input_filter.h"
#include "input/member_finder.h"
#include "input/member_path.h"
#include "input/path_list.h"
#include "input/read_ahead.h"

namespace ppinfer {
namespace {

// Files that the system is told of before a lane asks for them. From a disk that isn't in memory yet, 8 to 19 % more
// images a second were measured; for files that are, it costs a few microseconds each.
constexpr std::size_t kFilesAhead = 16;

using WhileWaiting = std::function<void()>;

}  // namespace

class ImageFiles::Walk {
 public:
  Walk(std::vector<std::string> paths, const InputOptions& options)
      : filter_(options),
        paths_(std::move(paths)),
        folder_(filter_, skipped_, stopped_),
        archive_(filter_, skipped_, stopped_),
        members_(&stopped_) {
    if (!options.list_path.empty()) list_.emplace(options.list_path, options.list_ends_in_nul, stopped_);
  }

  bool next(ImageInput& input) {
    look_ahead(true);
    return !stopped_ && take_ahead(input);
  }

  bool is_ready() {
    if (ahead_.empty()) look_ahead(false);
    return !ahead_.empty();
  }

  bool pass_over(ImageInput& input, const WhileWaiting& while_waiting) {
    // Once stopped, what is found may be no more than that it was stopped.
    return !stopped_ && (take_ahead(input) || find(input, false, true, while_waiting)) && !stopped_;
  }

  void stop() { stopped_ = true; }

  std::int64_t skipped() const { return skipped_; }
  std::int64_t of_other_shards() const { return filter_.of_other_shards(); }

 private:
  // What fails costs none of those that were found before.
  void look_ahead(bool may_wait) {
    try {
      // Members have their bytes with them: of these there is one at most.
      while (!stopped_ && !failure_ && ahead_.size() < (archive_.is_open() ? 1 : kFilesAhead) &&
             find(found_, true, may_wait && ahead_.empty(), {})) {
        if (std::holds_alternative<std::monostate>(found_.content)) read_ahead(found_.path);
        ahead_.push_back(std::move(found_));
      }
    } catch (...) {
      failure_ = std::current_exception();
    }
  }

  bool take_ahead(ImageInput& input) {
    if (ahead_.empty() && failure_) std::rethrow_exception(failure_);
    if (ahead_.empty()) return false;
    input = std::move(ahead_.front());
    ahead_.pop_front();
    return true;
  }

  // The next input in order; false: there is none, or `may_wait` isn't set and the list has none yet. Without
  // `with_bytes` no content is read.
  bool find(ImageInput& input, bool with_bytes, bool may_wait, const WhileWaiting& while_waiting) {
    while (!stopped_) {
      if (archive_.next(input, with_bytes)) return true;
      const FolderWalk::Found found = folder_.next(input);
      if (found == FolderWalk::Found::kImage) return true;
      if (found == FolderWalk::Found::kArchive) {
        std::string name(folder_.beneath(input.path));
        archive_.start(std::move(input), std::move(name));
        continue;
      }
      std::string path;
      if (!next_given(path, may_wait, while_waiting)) return false;
      if (start(std::move(path), with_bytes, input)) return true;
    }
    return false;
  }

  bool next_given(std::string& path, bool may_wait, const WhileWaiting& while_waiting) {
    if (next_path_ < paths_.size()) {
      path = std::move(paths_[next_path_++]);
      return true;
    }
    is_from_list_ = true;
    return list_ && (may_wait || list_->is_ready()) && list_->next(path, while_waiting);
  }

  // A path that was given. True: it is an input itself.
  bool start(std::string path, bool with_bytes, ImageInput& input) {
    struct stat status;
    const bool is_there = path.find('\0') == std::string::npos && stat(path.c_str(), &status) == 0;
    if (is_there && S_ISDIR(status.st_mode)) return folder_.start(std::move(path), status, input);
    if (is_there && S_ISREG(status.st_mode) && has_archive_ending(path)) {
      set_file(input, path, status);
      archive_.start(std::move(input), std::move(path));
      return false;
    }
    if (is_there) {
      set_file(input, std::move(path), status);
    } else if (const auto member = split_member(path)) {
      if (!filter_.in_shard(path)) return false;
      members_.find(path, *member, with_bytes, input);
    } else if (auto glob = is_from_list_ ? std::nullopt : parse_glob(path, filter_.takes_hidden())) {
      return folder_.start(std::move(*glob), std::move(path), input);
    } else {
      set_path(input, std::move(path));
    }
    return filter_.in_shard(input.path);
  }

  std::atomic<std::int64_t> skipped_{0};  // read by other threads while the walk goes on
  std::atomic<bool> stopped_{false};
  InputFilter filter_;
  std::vector<std::string> paths_;
  std::size_t next_path_ = 0;
  std::optional<PathList> list_;  // of what comes after `paths_`
  bool is_from_list_ = false;     // names as they are, no globs
  FolderWalk folder_;
  ArchiveWalk archive_;
  MemberFinder members_;
  std::deque<ImageInput> ahead_;
  std::exception_ptr failure_;  // comes after these
  ImageInput found_;
};

ImageFiles::ImageFiles(std::vector<std::string> paths, const InputOptions& options)
    : walk_(std::make_unique<Walk>(std::move(paths), options)) {}
ImageFiles::~ImageFiles() = default;

bool ImageFiles::next(ImageInput& input) { return walk_->next(input); }

bool ImageFiles::is_ready() { return walk_->is_ready(); }

bool ImageFiles::pass_over(ImageInput& input, const std::function<void()>& while_waiting) {
  return walk_->pass_over(input, while_waiting);
}

void ImageFiles::stop() { walk_->stop(); }

std::int64_t ImageFiles::skipped() const { return walk_->skipped(); }

std::int64_t ImageFiles::of_other_shards() const { return walk_->of_other_shards(); }

}  // namespace ppinfer
