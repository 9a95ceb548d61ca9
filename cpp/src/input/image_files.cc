#include "ppinfer/image_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <variant>

#include "core/file_names.h"
#include "core/image_failure.h"
#include "core/message_text.h"
#include "input/archive_walk.h"
#include "input/folder_walk.h"
#include "input/found_input.h"
#include "input/found_queue.h"
#include "input/glob.h"
#include "input/input_filter.h"
#include "input/input_identity.h"
#include "input/list_line.h"
#include "input/member_finder.h"
#include "input/member_path.h"
#include "input/path_list.h"
#include "input/read_ahead.h"
#include "input/read_stream.h"
#include "input/skip_tally.h"
#include "ppinfer/error.h"

namespace ppinfer {
namespace {

// Number of files that the system reads ahead of the lanes. Measured: 8 to 19 % more images a second from a disk that
// isn't cached; a few microseconds a file for cached files.
constexpr std::size_t kFilesAhead = 16;

using WhileWaiting = std::function<void()>;
using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kWait{100};  // between calls of it

// Whether the images at a given path come through a pipe.
bool is_stream(const std::string& path) { return path == kStandardInput || is_named_pipe(path); }

bool is_standard_input(const std::string& path) {
  return path == kStandardInput || path == "/dev/stdin" || path == "/dev/fd/0";
}

void require_one_use_of_standard_input(const std::vector<std::string>& paths, const InputOptions& options) {
  if (!is_standard_input(options.list_path) || std::none_of(paths.begin(), paths.end(), is_standard_input)) return;
  throw ConfigError({"standard input can be one image (the path -) or the list (--list -), not both"});
}

std::string folder_of(const std::string& list_path) {
  const std::size_t slash = list_path.rfind('/');
  return slash == std::string::npos ? "" : list_path.substr(0, slash + 1);
}

// Replaces what `input` holds by the bytes that come through the pipe of its path, or by the reason why not.
void hold_stream(ImageInput& input, const std::atomic<bool>& stopped) {
  const auto bytes = std::make_shared<std::vector<std::uint8_t>>();
  try {
    read_stream(input.path, &stopped, *bytes);
  } catch (const ImageFailure& failure) {
    input.content = UnusableInput{failure.what(), failure.stage()};
    return;
  }
  input.content = EncodedImage{*bytes};
  input.keep_alive = bytes;
}

}  // namespace

class ImageFiles::Walk {
 public:
  Walk(std::vector<std::string> paths, const InputOptions& options)
      : filter_(options),
        paths_(std::move(paths)),
        reads_a_stream_(std::any_of(paths_.begin(), paths_.end(), is_stream)),
        list_name_(options.list_path == kStandardInput ? "the list on standard input" : options.list_path),
        list_folder_(folder_of(options.list_path)),
        list_ends_in_nul_(options.list_ends_in_nul),
        folder_(filter_, skipped_, stopped_),
        archive_(filter_, skipped_, stopped_),
        members_(&stopped_) {
    require_one_use_of_standard_input(paths_, options);
    if (!options.list_path.empty()) list_.emplace(options.list_path, options.list_ends_in_nul, stopped_);
  }

  bool next(ImageInput& input) {
    look_ahead(true);
    const bool is_stream = !ahead_.empty() && ahead_.front().is_stream;
    if (stopped_) return false;
    if (!take_ahead(input)) return no_more();
    if (is_stream) hold_stream(input, stopped_);
    return !stopped_;
  }

  bool is_ready() {
    if (ahead_.empty()) look_ahead(false);
    return !ahead_.empty() && !ahead_.front().is_stream;
  }

  bool next_unread(ImageInput& input, const WhileWaiting& while_waiting) {
    const std::lock_guard lock(mutex_);
    // After stop(), the input found may be only the sign that the walk was stopped.
    if (stopped_ || take_ahead(input)) return !stopped_;
    if (!further_.pop(found_)) {
      if (failure_) std::rethrow_exception(failure_);
      while (!find(
          {false, Patience::kWaits, while_waiting, while_waiting ? Clock::now() + kWait : Clock::time_point::max()})) {
        if (!is_paused_) return false;
        while_waiting();
      }
    }
    input = std::move(found_.input);
    return !stopped_;
  }

  void stop() { stopped_ = true; }

  void look_further(std::chrono::milliseconds time) {
    const auto until = Clock::now() + time;
    while (Clock::now() < until) {
      if (asking_ > 0) {  // a lane comes first
        std::this_thread::yield();
        continue;
      }
      const std::unique_lock lock(mutex_, std::try_to_lock);
      if (!lock.owns_lock() || stopped_ || further_.full()) return;
      if (!try_to_find({false, Patience::kLooksFurther, {}, until})) return;
      further_.push(std::move(found_));
    }
  }

  std::int64_t found() const { return found_count_; }
  bool found_all() const { return found_all_; }

  SkippedFiles skipped() const { return skipped_.get(); }
  std::int64_t of_other_shards() const { return filter_.of_other_shards(); }
  bool reads_a_stream() const { return reads_a_stream_; }
  const std::vector<std::string>& given_paths() const { return paths_; }

  std::vector<std::string> notices() const {
    const std::lock_guard lock(notices_mutex_);
    return notices_;
  }

 private:
  enum class Patience {
    kWaits,         // for whoever writes the list
    kWaitsNot,      // the list has none yet: returns without an input
    kLooksFurther,  // likewise where the list is a pipe; nor is an archive opened
  };
  struct Search {
    bool with_bytes = false;
    Patience patience = Patience::kWaits;
    WhileWaiting while_waiting;
    Clock::time_point until = Clock::time_point::max();  // the walk pauses
  };

  void look_ahead(bool may_wait) {
    ++asking_;
    const std::lock_guard lock(mutex_);
    --asking_;
    // Members have their bytes with them: of these there is one at most.
    // A pipe is read when its turn comes: whoever writes it may wait for what comes before.
    while (!stopped_ && ahead_.size() < (further_.empty() && archive_.is_open() ? 1 : kFilesAhead) &&
           (ahead_.empty() || !ahead_.back().is_stream) &&
           find_next({true, may_wait && ahead_.empty() ? Patience::kWaits : Patience::kWaitsNot, {}})) {
      const ImageInput& input = found_.input;
      if (!found_.is_stream && std::holds_alternative<std::monostate>(input.content)) read_ahead(input.path);
      ahead_.push_back(std::move(found_));
    }
  }

  bool find_next(const Search& search) { return further_.pop(found_) || try_to_find(search); }

  // What fails costs none of those that were found before.
  bool try_to_find(const Search& search) {
    if (failure_) return false;
    try {
      return find(search);
    } catch (...) {
      failure_ = std::current_exception();
      return false;
    }
  }

  bool take_ahead(ImageInput& input) {
    if (ahead_.empty()) return false;
    input = std::move(ahead_.front().input);
    ahead_.pop_front();
    return true;
  }

  bool no_more() {
    const std::lock_guard lock(mutex_);
    if (failure_) std::rethrow_exception(failure_);
    return false;
  }

  // Makes `found_` the next input in order; false: there is none, or none that can be had with this patience. Without
  // `with_bytes` no content is read.
  bool find(const Search& search) {
    found_.is_stream = false;
    if (!walk(found_.input, search)) return false;
    ++found_count_;
    return true;
  }

  bool walk(ImageInput& input, const Search& search) {
    const bool only_looks = search.patience == Patience::kLooksFurther;
    is_paused_ = false;
    while (!stopped_) {
      if (search.until != Clock::time_point::max() && Clock::now() >= search.until) return pause();
      if (only_looks && archive_.is_open()) return false;
      if (archive_.next(input, search.with_bytes)) return true;
      const FolderWalk::Found found = folder_.next(input, search.until);
      if (found == FolderWalk::Found::kImage) return true;
      if (found == FolderWalk::Found::kPaused) return pause();
      if (found == FolderWalk::Found::kArchive) {
        std::string name(folder_.beneath(input.path));
        archive_.start(std::move(input), std::move(name));
        continue;
      }
      std::string path;
      if (!next_given(path, search)) return false;
      if (only_looks && split_member(path)) {
        put_back_ = std::move(path);
        return false;
      }
      if (start(std::move(path), search.with_bytes, input)) return true;
    }
    return false;
  }

  bool pause() {
    is_paused_ = true;
    return false;
  }

  bool next_given(std::string& path, const Search& search) {
    if (!put_back_.empty()) {
      path = std::exchange(put_back_, "");
      return true;
    }
    if (next_path_ < paths_.size()) {
      path = paths_[next_path_++];
      return true;
    }
    is_from_list_ = true;
    if (list_ && search.patience == Patience::kLooksFurther && !list_->is_file()) return false;
    if (list_ && search.patience == Patience::kWaitsNot && !list_->is_ready()) return false;
    if (list_ && list_->next(path, search.while_waiting)) return true;
    found_all_ = !stopped_;
    return false;
  }

  // A path that was given. True: it is an input itself.
  bool start(std::string path, bool with_bytes, ImageInput& input) {
    if (path == kStandardInput && !is_from_list_) return start_standard_input(input);
    struct stat status;
    bool is_there = path.find('\0') == std::string::npos && stat(path.c_str(), &status) == 0;
    if (!is_there && is_from_list_ && !list_ends_in_nul_ && !split_member(path)) {
      const ListLine line = read_list_line(path, list_->entries() == 1, list_folder_);
      note(line);
      if (line.kind == ListLine::Kind::kHeader) return false;
      if (line.kind == ListLine::Kind::kUnknown && !line.text.empty()) {
        set_unusable(input, std::move(path), line.text);
        return filter_.in_shard(input.path);
      }
      if (line.kind == ListLine::Kind::kPath) path = line.text;
      is_there = path.find('\0') == std::string::npos && stat(path.c_str(), &status) == 0;
    }
    if (is_there && S_ISDIR(status.st_mode)) return folder_.start(std::move(path), status, input);
    if (is_there && S_ISREG(status.st_mode) && has_archive_ending(path)) {
      set_file(input, path, status);
      archive_.start(std::move(input), std::move(path));
      return false;
    }
    if (is_there && S_ISFIFO(status.st_mode)) {
      found_.is_stream = reads_a_stream_ = true;
      set_path(input, std::move(path));
    } else if (is_there) {
      set_file(input, std::move(path), status);
    } else if (const auto member = split_member(path)) {
      if (!filter_.in_shard(path)) return false;
      members_.find(path, *member, with_bytes, input);
    } else if (auto glob = is_from_list_ ? std::nullopt : parse_glob(path, filter_.takes_hidden())) {
      return folder_.start(std::move(*glob), std::move(path), input);
    } else {
      set_path(input, std::move(path));
    }
    return take_in_shard(input);
  }

  bool start_standard_input(ImageInput& input) {
    if (std::exchange(has_standard_input_, true)) {
      set_unusable(input, kStandardInput, "standard input is given twice, and holds one image");
    } else {
      found_.is_stream = true;
      set_path(input, kStandardInput);
    }
    return take_in_shard(input);
  }

  bool take_in_shard(const ImageInput& input) {
    if (filter_.in_shard(input.path)) return true;
    found_.is_stream = false;
    return false;
  }

  void note(const ListLine& line) {
    if (line.kind == ListLine::Kind::kHeader) {
      note_once(headers_noted_, "its first line, " + quoted(line.text) + ", is skipped as a header");
    }
    if (line.has_more) note_once(labels_noted_, "its lines have further columns; labels and other columns are ignored");
    if (line.is_from_list_folder) {
      note_once(folder_noted_, "its paths are relative to its own folder, " + list_folder_);
    }
  }

  void note_once(bool& is_noted, const std::string& text) {
    if (std::exchange(is_noted, true)) return;
    const std::lock_guard lock(notices_mutex_);
    notices_.push_back(list_name_ + ": " + text);
  }

  std::mutex mutex_;            // held by whoever walks: lanes, and one thread that looks further
  std::atomic<int> asking_{0};  // lanes that want it
  SkipTally skipped_;
  std::atomic<bool> stopped_{false};
  InputFilter filter_;
  std::vector<std::string> paths_;
  std::atomic<bool> reads_a_stream_;
  std::size_t next_path_ = 0;
  bool has_standard_input_ = false;  // it was given
  const std::string list_name_;
  const std::string list_folder_;
  const bool list_ends_in_nul_;
  std::optional<PathList> list_;  // of what comes after `paths_`
  bool is_from_list_ = false;     // names as they are, no globs
  FolderWalk folder_;
  ArchiveWalk archive_;
  MemberFinder members_;
  std::string put_back_;          // a given path that is next
  std::deque<FoundInput> ahead_;  // with their bytes, or announced to the system; for lanes alone
  FoundQueue further_;            // come after these
  std::exception_ptr failure_;    // comes last
  FoundInput found_;
  bool is_paused_ = false;  // the last search, at its `until`
  std::atomic<std::int64_t> found_count_{0};
  std::atomic<bool> found_all_{false};
  bool headers_noted_ = false;
  bool labels_noted_ = false;
  bool folder_noted_ = false;
  mutable std::mutex notices_mutex_;  // other threads read the notices during the walk
  std::vector<std::string> notices_;
};

ImageFiles::ImageFiles(std::vector<std::string> paths, const InputOptions& options)
    : identity_(input_identity(paths, options)), walk_(std::make_unique<Walk>(std::move(paths), options)) {}
ImageFiles::~ImageFiles() = default;

bool ImageFiles::next(ImageInput& input) { return walk_->next(input); }

bool ImageFiles::is_ready() { return walk_->is_ready(); }

void ImageFiles::look_further(std::chrono::milliseconds time) { walk_->look_further(time); }

std::int64_t ImageFiles::found() const { return walk_->found(); }

bool ImageFiles::found_all() const { return walk_->found_all(); }

bool ImageFiles::next_unread(ImageInput& input, const std::function<void()>& while_waiting) {
  return walk_->next_unread(input, while_waiting);
}

void ImageFiles::stop() { walk_->stop(); }

SkippedFiles ImageFiles::skipped() const { return walk_->skipped(); }

std::int64_t ImageFiles::of_other_shards() const { return walk_->of_other_shards(); }

std::vector<std::string> ImageFiles::notices() const { return walk_->notices(); }

bool ImageFiles::reads_a_stream() const { return walk_->reads_a_stream(); }

const std::vector<std::string>& ImageFiles::given_paths() const { return walk_->given_paths(); }

}  // namespace ppinfer
