// A run over many inputs, a record each, that can be stopped at any moment and resumed to the same records.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ppinfer/image_files.h"
#include "ppinfer/predictor.h"
#include "ppinfer/record_writer.h"

namespace ppinfer {

// Where a run's files are. While it runs, its records are in `part`, and `manifest` says what they were made by; at the
// end `part` becomes `output`. Whatever stops it earlier leaves both.
struct RunFiles {
  std::string output;  // links followed
  std::string part;    // output + ".part"; empty: output isn't a regular file (a pipe, a device, "-"): written directly
  std::string manifest;  // output + ".manifest"; likewise
};
RunFiles run_files(const std::string& output_path);

// A record that a stopped run has left.
struct KeptRecord {
  std::string path;  // as RecordStore::path_text() gives it
  bool is_error = false;
};

// What a run's records go into. For one thread at a time; throws RuntimeFailure, or what else its maker likes.
class RecordStore : public ResultSink {
 public:
  // Calls `visit` for each whole record that a stopped run has left, from the first on, while it returns true.
  virtual void visit(const std::function<bool(const KeptRecord&)>& visit) = 0;
  // An input's path as a KeptRecord holds it.
  virtual std::string path_text(const std::string& path) const { return path; }
  // Keeps the first `count` of these, drops what follows, and makes ready for more; 0 starts over. Called once, before
  // the first write().
  virtual void truncate(std::int64_t count) = 0;
  // write() may keep records back: those count as done only after flush(), which hands them to the system.
  virtual bool full() const = 0;  // so much is kept back that a flush() is due
  virtual void flush() = 0;
  // As flush(), but where somebody reads what is written, such as a pipe, only what is taken without waiting. True:
  // that was all.
  virtual bool flush_what_fits() {
    flush();
    return true;
  }
  virtual void commit() = 0;  // after the last flush(): makes the output of what is there
  virtual void close() = 0;   // instead: leaves what a resumed run continues
};

// That of `format`; also for an output that is not a regular file, which is opened at once. Throws RuntimeFailure.
std::unique_ptr<RecordStore> make_record_store(const std::string& output_path, RecordFormat format, PostprocessOp op);

// What a resumed run must have the same: the model's content, the config, the inputs, the format, ...
using RunIdentity = std::vector<std::pair<std::string, std::string>>;  // (key, value)
// The part of it that a loaded model can tell: ppinfer's version, the values in effect of the keys that have a say in
// what a record holds, hashes of the labels and of the model's files. Throws ModelError: one of these can't be read.
RunIdentity record_identity(const Predictor& predictor);

// How an image gets into the folder of its class.
enum class SortBy { kCopy, kHardlink, kSymlink };
SortBy parse_sort_by(const std::string& name);  // "copy", "hardlink", "symlink"; else ConfigError
// How many errors end a run early.
struct ErrorLimit {
  std::int64_t max_errors = -1;  // negative: any number is fine
  double max_percent = -1;       // likewise; of a share it is too early to speak before there are 100 images

  bool is_exceeded(std::int64_t images, std::int64_t errors) const;
};
// "20" or "1.5%". Throws ConfigError, which calls it `name`, for other text.
ErrorLimit parse_error_limit(const std::string& name, const std::string& text);

struct RunOptions {
  std::string output_path = "-";
  RunIdentity identity;  // beside record_identity() and that of the inputs
  bool resume = false;
  bool force = false;                                 // start over where a stopped run has left its records
  std::string errors_path;                            // a file that the records of errors go to as well; empty: none
  RecordFormat errors_format = RecordFormat::kJsonl;  // where the extension of errors_path tells none
  ErrorLimit limit;                                   // of the errors from before a resume, too
  // Find inputs before lanes ask for them, so that a progress callback is told early how many there are.
  bool counts_ahead = false;
  // A folder that gets a folder for each class, named by its label, else by its id, with the images of that class. No
  // file there is overwritten, and an image that is there from an earlier run isn't put there again. Empty: none.
  std::string sort_into;
  SortBy sort_by = SortBy::kCopy;  // members of archives are always copied
  // A folder that the files of images that can't be decoded are moved into, once all inputs have their records. A file
  // that has changed since its record was made stays. Empty: none.
  std::string move_errors;
};

// What became of images with RunOptions::sort_into.
struct SortedImages {
  std::string folder;  // empty: nothing was to be sorted
  std::int64_t images = 0;
  std::int64_t gone = 0;  // images that were not there any more, or came from a pipe
};

// Likewise of bad images with RunOptions::move_errors.
struct MovedImages {
  std::string folder;
  std::int64_t images = 0;
  std::map<std::string, std::int64_t> stayed;  // images by the reason: "failed at infer", "in archives", ...
  std::vector<std::string> refused;            // what the system said of those that it let nobody move; 10, and a count
};

enum class RunEnd { kComplete, kMaxErrors, kInterrupted };
const char* to_string(RunEnd end);  // "complete", "max_errors", "interrupted"

struct RunSummary {
  RunStats run;                    // of this run alone
  std::int64_t done_before = 0;    // records of the stopped run that this one resumes
  std::int64_t errors_before = 0;  // of these
  SkippedFiles skipped;
  std::int64_t of_other_shards = 0;
  std::int64_t found = 0;  // inputs so far, those with a record among them
  bool found_all = false;  // there are no others
  // Resuming was asked for, and there was no stopped run: it began with the first input.
  bool nothing_to_resume = false;
  // Once the run has ended: a run with `resume` can continue it. Records go into a file, and no image came from a pipe.
  bool can_resume = false;
  RunEnd end = RunEnd::kComplete;    // once the run has ended
  std::vector<std::string> notices;  // likewise: how the lines of a list were understood
  SortedImages sorted;               // likewise
  MovedImages moved;                 // likewise

  std::int64_t images_in_all() const { return done_before + run.images; }
  std::int64_t errors_in_all() const { return errors_before + run.errors; }
};

// Of a program that has made this run: 0 all fine, 1 some images failed, 2 nothing to do, 3 too many errors, 130
// interrupted.
int exit_code(const RunSummary& summary);

// Looks at a run about every 100 ms, in the caller's thread. False: end it as an interrupt does, once the images that
// are begun have their records; true after that, or a throw, doesn't take it back.
using ProgressCallback = std::function<bool(const RunSummary& so_far)>;

// Classifies what is left of `files`, records to `store`, which is that of options.output_path. At any moment, what a
// killed process loses is what was in flight: images being worked on, and records of the last half second. Where there
// is no input at all, an earlier output stays; a shard that gets none of those there are has an empty one, which
// whoever puts the shards together needs. An output that a killed run has just put in place counts as resumed, and no
// input is looked at. Whether an input that has its record has changed since isn't looked at; its path is.
// Throws ConfigError when a folder of sort_into or move_errors lies where images are looked for, or an input in a
// folder of sort_into; when there is a stopped run, or somebody else's file in the place of the manifest, and neither
// `resume` nor `force`, when there is one that was begun with another identity or other inputs (every difference is
// named), or when resuming can't be; RuntimeFailure when another run has the output or writes the same errors' file, it
// can't be written, or an image can't be sorted: then what was done stays to be resumed. Also throws what `on_progress`
// and `store` throw.
RunSummary write_records(Predictor& predictor, ImageFiles& files, RecordStore& store, const RunOptions& options,
                         const ProgressCallback& on_progress = {});

}  // namespace ppinfer
