// Which of the paths that are found are taken: InputOptions, checked and made ready.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "input/path_pattern.h"
#include "ppinfer/image_files.h"

namespace ppinfer {

class InputFilter {
 public:
  explicit InputFilter(const InputOptions& options);  // throws ConfigError with all that is wrong

  // The paths are relative to the folder or archive that was given.
  bool takes_name(std::string_view name) const { return hidden_ || name.front() != '.'; }
  bool enters_folder(std::string_view path) const { return !excluded(path, true); }
  bool takes_archive(std::string_view path) const { return !excluded(path, false); }
  bool takes_image(std::string_view path) const { return !excluded(path, false) && included(path); }
  // As all of these, for a path whose folders were not asked for one by one.
  bool takes_member(std::string_view path) const;
  bool takes_hidden() const { return hidden_; }
  bool follows_links() const { return follow_links_; }

  // Of any text: a relative path, or one that was given. Those that aren't are counted.
  bool in_shard(std::string_view path) const;
  std::int64_t of_other_shards() const { return of_other_shards_; }  // from any thread

 private:
  bool excluded(std::string_view path, bool is_folder) const;
  bool included(std::string_view path) const;

  std::vector<PathPattern> include_;
  std::vector<PathPattern> exclude_;
  bool hidden_ = false;
  bool follow_links_ = true;
  std::uint64_t shard_index_ = 1;
  std::uint64_t shard_count_ = 1;
  mutable std::atomic<std::int64_t> of_other_shards_{0};
};

}  // namespace ppinfer
