#include "ppinfer/image_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <deque>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>
#include <variant>

#include "core/file_names.h"
#include "core/image_failure.h"
#include "core/message_text.h"
#include "core/stable_hash.h"
#include "input/archive_walk.h"
#include "input/folder_walk.h"
#include "input/found_input.h"
#include "input/glob.h"
#include "input/input_filter.h"
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

// Different for different texts: commas in them are escaped. Of many, how many they are and a hash.
std::string joined(const std::vector<std::string>& texts) {
  constexpr std::size_t kShownBytes = 4096;
  std::string all;
  for (const std::string& text : texts) {
    if (&text != &texts.front()) all += ", ";
    for (const char letter : text) {
      if (letter == ',' || letter == '\\') all += '\\';
      all += letter;
    }
  }
  if (all.size() <= kShownBytes) return all;
  return std::to_string(texts.size()) + " with hash " + std::to_string(stable_hash(all)) + ", the first " +
         texts.front().substr(0, kShownBytes);
}

// Where relative paths begin; empty when all are absolute.
std::string folder_of_relative(const std::vector<std::string>& paths, const std::string& list_path) {
  const auto is_absolute = [](const std::string& path) { return !path.empty() && path.front() == '/'; };
  if (list_path.empty() && std::all_of(paths.begin(), paths.end(), is_absolute)) return "";
  std::error_code unknown;
  return std::filesystem::current_path(unknown).string();
}

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
    if (stopped_ || !take_ahead(input)) return false;
    if (is_stream) hold_stream(input, stopped_);
    return !stopped_;
  }

  bool is_ready() {
    if (ahead_.empty()) look_ahead(false);
    return !ahead_.empty() && !ahead_.front().is_stream;
  }

  bool skip(ImageInput& input, const WhileWaiting& while_waiting) {
    // After stop(), the input found may be only the sign that the walk was stopped.
    return !stopped_ && (take_ahead(input) || find(input, false, true, while_waiting)) && !stopped_;
  }

  void stop() { stopped_ = true; }

  SkippedFiles skipped() const { return skipped_.get(); }
  std::int64_t of_other_shards() const { return filter_.of_other_shards(); }
  bool reads_a_stream() const { return reads_a_stream_; }

  std::vector<std::string> notices() const {
    const std::lock_guard lock(notices_mutex_);
    return notices_;
  }

 private:
  // What fails costs none of those that were found before.
  void look_ahead(bool may_wait) {
    try {
      // Members have their bytes with them: of these there is one at most.
      // A pipe is read when its turn comes: whoever writes it may wait for what comes before.
      while (!stopped_ && !failure_ && ahead_.size() < (archive_.is_open() ? 1 : kFilesAhead) &&
             (ahead_.empty() || !ahead_.back().is_stream) && find(found_, true, may_wait && ahead_.empty(), {})) {
        const bool is_stream = found_stream_;
        if (!is_stream && std::holds_alternative<std::monostate>(found_.content)) read_ahead(found_.path);
        ahead_.push_back({std::move(found_), is_stream});
      }
    } catch (...) {
      failure_ = std::current_exception();
    }
  }

  bool take_ahead(ImageInput& input) {
    if (ahead_.empty() && failure_) std::rethrow_exception(failure_);
    if (ahead_.empty()) return false;
    input = std::move(ahead_.front().input);
    ahead_.pop_front();
    return true;
  }

  // The next input in order; false: there is none, or `may_wait` isn't set and the list has none yet. Without
  // `with_bytes` no content is read.
  bool find(ImageInput& input, bool with_bytes, bool may_wait, const WhileWaiting& while_waiting) {
    found_stream_ = false;
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
      found_stream_ = reads_a_stream_ = true;
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
      found_stream_ = true;
      set_path(input, kStandardInput);
    }
    return take_in_shard(input);
  }

  bool take_in_shard(const ImageInput& input) {
    if (filter_.in_shard(input.path)) return true;
    found_stream_ = false;
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

  struct Ahead {
    ImageInput input;
    bool is_stream = false;  // its bytes come through a pipe, in next()
  };

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
  std::deque<Ahead> ahead_;
  std::exception_ptr failure_;  // comes after these
  ImageInput found_;
  bool found_stream_ = false;  // and its bytes come through a pipe
  bool headers_noted_ = false;
  bool labels_noted_ = false;
  bool folder_noted_ = false;
  mutable std::mutex notices_mutex_;  // other threads read the notices during the walk
  std::vector<std::string> notices_;
};

ImageFiles::ImageFiles(std::vector<std::string> paths, const InputOptions& options)
    : identity_{{"paths", joined(paths)},
                {"include", joined(options.include)},
                {"exclude", joined(options.exclude)},
                {"hidden", options.hidden ? "1" : "0"},
                {"follow_links", options.follow_links ? "1" : "0"},
                {"shard", std::to_string(options.shard_index) + "/" + std::to_string(options.shard_count)},
                {"list", options.list_path},
                {"working folder", folder_of_relative(paths, options.list_path)}},
      walk_(std::make_unique<Walk>(std::move(paths), options)) {}
ImageFiles::~ImageFiles() = default;

bool ImageFiles::next(ImageInput& input) { return walk_->next(input); }

bool ImageFiles::is_ready() { return walk_->is_ready(); }

bool ImageFiles::skip(ImageInput& input, const std::function<void()>& while_waiting) {
  return walk_->skip(input, while_waiting);
}

void ImageFiles::stop() { walk_->stop(); }

SkippedFiles ImageFiles::skipped() const { return walk_->skipped(); }

std::int64_t ImageFiles::of_other_shards() const { return walk_->of_other_shards(); }

std::vector<std::string> ImageFiles::notices() const { return walk_->notices(); }

bool ImageFiles::reads_a_stream() const { return walk_->reads_a_stream(); }

}  // namespace ppinfer
