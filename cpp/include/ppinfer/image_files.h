// Files, folders and archives on disk as a stream of inputs.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ppinfer/predictor.h"

namespace [[gnu::visibility("default")]] ppinfer {

class MemberFinder;

// Files in folders and members of archives that were skipped.
struct SkippedFiles {
  // Hidden files, files left out by a pattern, links not followed. A folder that isn't entered counts as one.
  std::int64_t left_out = 0;
  // Neither named like an image nor one by their content: counts by ending, in lower case with its dot; "" for names
  // without one. At most 256 endings; files of further ones count as without.
  std::map<std::string, std::int64_t> not_images;

  std::int64_t count() const;
};
// "7 files skipped: 4 hidden or excluded, 3 not images (2 .txt, 1 .db)"; empty when there are none.
std::string in_words(const SkippedFiles& skipped);

// Options that select inputs among the files found. They do not apply to a path given as an argument or in a list,
// except the shard.
//
// A pattern has * ? [a-z] [!a-z], which never match a slash. A pattern without a slash matches names at any depth. A
// pattern with a slash matches paths beneath the given folder or in the archive, and ** matches any number of folders.
// "name/" matches folders and everything in them. Patterns are case-sensitive.
struct InputOptions {
  std::vector<std::string> include;  // only files that match one of these are inputs; empty: all files
  std::vector<std::string> exclude;  // files and folders that match one of these are skipped
  bool hidden = false;               // include names that begin with a dot
  bool follow_links = true;          // follow symbolic links in folders
  // The shard of the inputs for this run: 1 to `shard_count`. A hash of the path beneath the given folder, of the path
  // in the archive, or of a given path chooses the shard, so that every machine gets the same shards.
  int shard_index = 1;
  int shard_count = 1;
  // A file of further paths, "-" for standard input, read during the run. These paths follow the given paths. One path
  // a line, with empty lines skipped, or one path before each NUL byte. Lines may have labels beside their paths; see
  // ImageFiles.
  std::string list_path;
  bool list_ends_in_nul = false;
};

// "2/8" as (shard_index, shard_count). Throws ConfigError.
std::pair<int, int> parse_shard(const std::string& text);

// The inputs from the given paths, in the given order. A path is a file, a folder, an archive, or a shell pattern if no
// file has exactly this name ("photos/**/*.jpg", quoted against the shell). "-", /dev/stdin, /dev/fd/N and named pipes
// are one image each, which next() reads once, to the end.
//
// A folder is walked recursively, in byte order of names. Links are followed; a link back to a folder being walked is
// an input with an error. Inputs are the files for which has_image_ending() is true, files that are images by their
// first bytes, also of unsupported kinds, and the images in archives. Other files and hidden files are counted as
// skipped. A file is opened for its first bytes only if its name doesn't decide. Everything else is an input that
// becomes an error Result: an unreadable folder, a path that the system doesn't give access to, a broken link, a folder
// named like an image, a pattern without a match. Exception: a broken link or unreadable file with the extension of
// another kind of file, in letters ("notes.txt", but not "photos.2024"), is skipped. Files that match a pattern count
// as given paths; folders that match contribute everything in them.
//
// An archive is recognised by its extension and read as a stream, members in the archive's order. Inputs are the
// members that are named like an image or are images by their first bytes. Supported are .tar and .zip, and .tar packed
// by gzip, bzip2, xz or Zstandard (.tar.gz .tgz .tar.bz2 .tbz2 .tbz .tar.xz .txz .tar.zst .tzst); a .7z or .rar becomes
// an error Result. "shard.tar::a/b.jpg" is the path of a member, and may be a given path; next() reads its bytes. A
// hard link has the bytes of the earlier member that it names. A packed archive is unpacked at most 100 times for its
// hard links; further links are error Results. A member that can't be read becomes an error Result; the path of a
// member with an unreadable name is "shard.tar::". If several members have one name, the path means the first; the
// others are error Results with this reason, because their results could not be distinguished. If the archive itself
// can't be read further, or has no end, the last input of the archive is an error Result under the archive's own path.
//
// A line of a list that isn't a path may hold a path and a label, separated by a tab, a comma, a semicolon or spaces,
// in quotes or not ("images/a.jpg 3", "\"a, b.jpg\",cat"). Such a part of a line counts as the path if it is the path
// of a file, relative to the working folder or to the list's folder; notices() reports this.
class ImageFiles : public ImageSource {
 public:
  // Throws ConfigError: a pattern, the shard or the list is wrong, or standard input is both a list and an image.
  explicit ImageFiles(std::vector<std::string> paths, const InputOptions& options = {});
  ~ImageFiles() override;

  bool next(ImageInput& input) override;  // throws RuntimeFailure: the list can't be read further
  bool is_ready() override;               // false also while the list has no whole path yet
  // As next(), but without reading the input or the files after it. Calls `while_waiting` about every 100 ms while it
  // waits for the writer of a list or searches; `while_waiting` may call stop(), and throw.
  bool next_unread(ImageInput& input, const std::function<void()>& while_waiting = {});
  // From any thread: ends the inputs, also for a next() that waits for the next line of the list.
  void stop() override;
  // Finds further inputs for about `time`, so that found() is known early; next() gives them in order. Call it from one
  // thread while lanes call next(). Returns early if all inputs are found, the queue is full, a lane is searching, or
  // the next input is in an archive or in a list from a pipe.
  void look_further(std::chrono::milliseconds time);
  std::int64_t found() const;            // inputs so far, including those next() returned
  bool found_all() const;                // the walk is at its end
  SkippedFiles skipped() const;          // so far; inputs of other shards aren't among them
  std::int64_t of_other_shards() const;  // so far
  // Notices so far: how the lines of the list were read.
  std::vector<std::string> notices() const;
  // Whether a given path, or a path of the list so far, is standard input or another pipe. A later run can't read a
  // pipe again.
  bool reads_a_stream() const;
  const std::vector<std::string>& given_paths() const;
  // The given paths and the options, as keys and values; a resumed run must have the same.
  const std::vector<std::pair<std::string, std::string>>& identity() const { return identity_; }

 private:
  class Walk;
  std::vector<std::pair<std::string, std::string>> identity_;
  std::unique_ptr<Walk> walk_;
};

// Whether a record's path is that of a member of an archive: it has "::", and no file has that whole name. The archive
// may be gone.
bool is_member_path(const std::string& path);
// The name of an image without its folders: of a member its own, "1.jpg" of "shard.tar::cats/1.jpg".
std::string image_name(const std::string& path);

// Reads members of archives again, by the paths of their Results, for copying or showing them. The last archive stays
// open: members read in the archive's order need only one pass.
class MemberReader {
 public:
  MemberReader();
  ~MemberReader();

  // Replaces `bytes` by the member's bytes. Returns the member's time of change, in ns since 1970, UTC; -1: the archive
  // has no time. Throws BadImageError: the archive or the member is missing, unreadable, or not a supported image;
  // RuntimeFailure: a machine error.
  std::int64_t read(const std::string& path, std::vector<std::uint8_t>& bytes);

 private:
  std::unique_ptr<MemberFinder> finder_;
};

// In lower case: of archives that are read (".tar", ".tar.gz", ...), and of others, which become an error that names
// the kind (".7z", ...).
std::vector<std::string> archive_endings();

// Throws ConfigError, with a reason for each path, if none of the paths exists: a mistyped folder must not overwrite
// earlier records. A list, and files that the options leave out, count as existing.
void check_any_is_there(const std::vector<std::string>& paths, const InputOptions& options = {});

}  // namespace ppinfer
