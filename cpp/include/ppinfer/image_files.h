// Files, folders and archives on disk as a stream of inputs.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ppinfer/predictor.h"

namespace ppinfer {

class MemberFinder;

// Files in folders and members of archives that are passed over.
struct SkippedFiles {
  std::int64_t left_out = 0;  // hidden, left out by a pattern, links that aren't followed; a folder that isn't entered
  // Neither named like an image nor one by their content: counts by ending, in lower case with its dot; "" for names
  // without one. At most 256 endings; files of further ones count as without.
  std::map<std::string, std::int64_t> not_images;

  std::int64_t count() const;
};
// "7 files skipped: 4 hidden or excluded, 3 not images (2 .txt, 1 .db)"; empty when there are none.
std::string in_words(const SkippedFiles& skipped);

// Which of the files that are found become inputs. A path that is given itself, as an argument or in a list, always
// does, but for the shard.
//
// A pattern has * ? [a-z] [!a-z]; none of them matches a slash. Without a slash it is about a name, at any depth; with
// one about the path beneath the given folder, or in the archive, where ** stands for any number of folders. "name/" is
// about folders only, and all that is in them. Case counts.
struct InputOptions {
  std::vector<std::string> include;  // files that match none of these are left out; empty: all are taken
  std::vector<std::string> exclude;  // files and folders that match one are left out; such a folder isn't entered
  bool hidden = false;               // whether names that begin with a dot are taken
  bool follow_links = true;          // whether symbolic links that are met in folders are
  // The part of the inputs that this run takes: shard 1 to `shard_count` of so many. Told by a hash of the path beneath
  // the given folder, or in the archive; of a path that is given itself, by that: the same on every machine.
  int shard_index = 1;
  int shard_count = 1;
  // A file of further paths, "-" for standard input; read while the run goes on. They come after the given ones. A path
  // a line, empty lines left out, or each ended by a NUL byte. Lines may have labels beside their paths, as ImageFiles
  // says.
  std::string list_path;
  bool list_ends_in_nul = false;
};

// "2/8" as (shard_index, shard_count). Throws ConfigError.
std::pair<int, int> parse_shard(const std::string& text);

// The given paths in the given order: files, folders, archives, and where no file has that very name, patterns of paths
// as a shell takes them ("photos/**/*.jpg"; in quotes, the shell leaves them alone). "-" is one image on standard
// input, and so are the pipes /dev/stdin, /dev/fd/N and named ones that are given: each is read once, to its end, in
// next().
//
// A folder is walked recursively, entries in byte order of their names, links followed (a link back to a folder being
// walked is an input with the reason). Of its files those that has_image_ending() tells and those that are images by
// their first bytes are inputs, of a kind that isn't read too, and what is in its archives; the others and hidden ones
// are counted as skipped. To see the first bytes of a file it is opened, only where its name doesn't tell. Nothing else
// is left out: an unreadable folder, what the system doesn't let us look at, a broken link or a folder named like an
// image is an input that becomes an error Result, and so is a pattern that matches nothing. Only a broken link, or a
// file that can't be opened, that ends as files of other kinds do, in letters ("notes.txt", though not "photos.2024"),
// is one of the others. Of a pattern's matches files are taken as if each had been given, folders with all in them.
//
// An archive is told by its ending and read where it is, members in its own order, those that are named like an image
// or are one by their first bytes. Read are .tar and .zip, and a .tar that is packed by gzip, bzip2, xz or Zstandard
// (.tar.gz .tgz .tar.bz2 .tbz2 .tbz .tar.xz .txz .tar.zst .tzst); a .7z or .rar is an input that becomes an error
// Result. "shard.tar::a/b.jpg" is the path of a member, as a given path too; its bytes are read in next(). A hard link
// has the bytes of the member before it that it names; a packed archive is unpacked at most 100 times for its hard
// links, and further links are error Results. A member that can't be read becomes an error Result, and so does
// one whose name can't be, under the path "shard.tar::". Of several members of one name the path stands for the first;
// the others are error Results that say so, since nobody could tell by it whose answer is whose. Where the archive
// itself can't be read further, or has no end, that is one more, under the archive's own path and the last of it.
//
// A line of a list that isn't a path itself may hold a path and a label, separated by a tab, a comma, a semicolon or
// spaces, in quotes or not ("images/a.jpg 3", "\"a, b.jpg\",cat"): that is taken where it is the path of a file, seen
// from the working folder or from the list's own. notices() says so.
class ImageFiles : public ImageSource {
 public:
  // Throws ConfigError: a pattern, the shard or the list is wrong, or standard input is to be a list and an image.
  explicit ImageFiles(std::vector<std::string> paths, const InputOptions& options = {});
  ~ImageFiles() override;

  bool next(ImageInput& input) override;  // throws RuntimeFailure: the list can't be read further
  bool is_ready() override;               // false also while the list has no whole path yet
  // As next(), for an input whose content isn't needed: it isn't read, nor the files after it ahead. `while_waiting` is
  // called every 100 ms or so that whoever writes the list keeps it waiting; it may call stop(), and throw.
  bool skip(ImageInput& input, const std::function<void()>& while_waiting = {});
  // From any thread: from now on there are no more inputs, also for a next() that waits for the list to go on.
  void stop() override;
  // Walks on by one input, which next() gives when its turn comes, so that found() is known early. From one thread,
  // while lanes call next(). False: not now. All are found, as many are kept as a bound allows, or the walk stands
  // before an archive or a list in a pipe, which are read no further than asked for.
  bool look_further();
  std::int64_t found() const;            // inputs so far, those that were given among them
  bool found_all() const;                // there are no others
  SkippedFiles skipped() const;          // so far; inputs of other shards aren't among them
  std::int64_t of_other_shards() const;  // so far
  // What a user should know of the inputs, so far: how the lines of the list were understood.
  std::vector<std::string> notices() const;
  // Whether an image comes from standard input or another pipe, which a later run can't read again: a given path, or
  // one of the list so far.
  bool reads_a_stream() const;
  const std::vector<std::string>& given_paths() const;
  // What makes these inputs these, as keys and values: the given paths and the options.
  const std::vector<std::pair<std::string, std::string>>& identity() const { return identity_; }

 private:
  class Walk;
  std::vector<std::pair<std::string, std::string>> identity_;
  std::unique_ptr<Walk> walk_;
};

// Whether a record's path is that of a member of an archive: "::" stands in it, and no file has that whole name. The
// archive may be gone by now.
bool is_member_path(const std::string& path);
// The name of an image without its folders: of a member its own, "1.jpg" of "shard.tar::cats/1.jpg".
std::string image_name(const std::string& path);

// Members of archives once more, by the paths that their Results have, as whoever copies or shows them needs them.
// The archive of the last one stays open: asked for in the archive's own order, all are found in one pass over it.
class MemberReader {
 public:
  MemberReader();
  ~MemberReader();

  // Replaces `bytes` by the member's, and tells when it was changed, in ns since 1970, UTC; -1: the archive doesn't
  // say. Throws BadImageError: the archive or the member isn't there any more, can't be read, or holds no image that
  // can be read; RuntimeFailure: the machine is to blame.
  std::int64_t read(const std::string& path, std::vector<std::uint8_t>& bytes);

 private:
  std::unique_ptr<MemberFinder> finder_;
};

// In lower case: of archives that are read (".tar", ".tar.gz", ...), and of others, which become an error that names
// the kind (".7z", ...).
std::vector<std::string> archive_endings();

// For whoever is about to write over earlier records, which a mistyped folder must not cost. Throws ConfigError, with
// the reason for each path, where nothing is at any of them, so that all that ImageFiles would give is an error Result
// for each. A list may name more, and what filters leave out is there.
void check_any_is_there(const std::vector<std::string>& paths, const InputOptions& options = {});

}  // namespace ppinfer
