// A run that writes one record for each input, and that can be stopped at any moment and resumed to the same records.
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

// The files of a run. During the run, `part` holds the records, and `manifest` the config, model hash and inputs; at
// the end `part` becomes `output`. A stopped run leaves both.
struct RunFiles {
  std::string output;  // links followed
  std::string part;    // output + ".part"; empty: output isn't a regular file (a pipe, a device, "-"), written directly
  std::string manifest;  // output + ".manifest"; empty as `part`
};
RunFiles run_files(const std::string& output_path);

// A record of a stopped run.
struct KeptRecord {
  std::string path;  // as RecordStore::path_text() gives it
  bool is_error = false;
};

// Stores a run's records. For one thread at a time. Throws RuntimeFailure; an own store may throw other exceptions.
class RecordStore : public ResultSink {
 public:
  // Calls `visit` for each complete record of a stopped run, from the first on, while `visit` returns true.
  virtual void visit(const std::function<bool(const KeptRecord&)>& visit) = 0;
  // An input's path in the form of KeptRecord::path.
  virtual std::string path_text(const std::string& path) const { return path; }
  // Keeps the first `count` records, removes the others, and prepares for writing; 0 starts over. Called once, before
  // the first write().
  virtual void truncate(std::int64_t count) = 0;
  // write() may buffer records; buffered records count as done only after flush(), which passes them to the system.
  virtual bool full() const = 0;  // the buffer is large enough for a flush()
  virtual void flush() = 0;
  // As flush(), but writes to a pipe only the bytes that its reader accepts without waiting. True: the buffer is empty.
  virtual bool flush_what_fits() {
    flush();
    return true;
  }
  virtual void commit() = 0;  // after the last flush(): turns the records into the output
  virtual void close() = 0;   // instead of commit(): keeps the records for a resumed run
};

// The store for `format`. Opens an output that is not a regular file at once. Throws RuntimeFailure.
std::unique_ptr<RecordStore> make_record_store(const std::string& output_path, RecordFormat format, PostprocessOp op);

// The properties that a resumed run must have unchanged: the model's content, the config, the inputs, the format, ...
using RunIdentity = std::vector<std::pair<std::string, std::string>>;  // (key, value)
// The properties of a loaded model: ppinfer's version, the values in effect of the keys that affect records, and hashes
// of the labels and of the model's files. Throws ModelError: a file can't be read.
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
  RunIdentity identity;  // in addition to record_identity() and the identity of the inputs
  bool resume = false;
  bool force = false;                                 // start over and delete the records of a stopped run
  std::string errors_path;                            // file for the records of bad images, in addition; empty: none
  RecordFormat errors_format = RecordFormat::kJsonl;  // if the extension of errors_path sets no format
  ErrorLimit limit;                                   // errors from before a resume count
  // Find inputs before lanes ask for them, so that a progress callback knows early how many there are.
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
  RunStats run;                    // of this run only
  std::int64_t done_before = 0;    // records of the stopped run that this run resumes
  std::int64_t errors_before = 0;  // error records among `done_before`
  SkippedFiles skipped;
  std::int64_t of_other_shards = 0;
  std::int64_t found = 0;  // inputs so far, including those with a record
  bool found_all = false;  // the walk is at its end
  // RunOptions::resume was set without a stopped run, so the run started over.
  bool nothing_to_resume = false;
  // After the end: a run with `resume` can continue this run. True if records go into a file and no image came from a
  // pipe.
  bool can_resume = false;
  RunEnd end = RunEnd::kComplete;    // after the end
  std::vector<std::string> notices;  // after the end: how the lines of a list were read
  SortedImages sorted;               // after the end
  MovedImages moved;                 // after the end

  std::int64_t images_in_all() const { return done_before + run.images; }
  std::int64_t errors_in_all() const { return errors_before + run.errors; }
};

// The exit code of a program that made this run: 0 complete, 1 some images failed, 2 no images, 3 too many errors, 130
// interrupted.
int exit_code(const RunSummary& summary);

// Called about every 100 ms, in the caller's thread. Return false to end the run as an interrupt does, after the images
// in work have their records; a later true, or an exception, doesn't revoke this.
using ProgressCallback = std::function<bool(const RunSummary& so_far)>;

// Classifies the remaining inputs of `files` and writes records to `store`, the store of options.output_path. A killed
// process loses only the images in work and the records of the last half second. Without any input, an earlier output
// stays. An empty shard writes an empty output, which merging the shards needs. An output that a killed run has already
// committed counts as resumed, and no input is read. A resumed run compares the path of an input with its record, but
// does not check whether the content has changed.
//
// Throws ConfigError if a folder of sort_into or move_errors is in an input, or an input in a folder of sort_into; if a
// stopped run exists and neither `resume` nor `force` is set; if another program's file has the name of the manifest; if the stopped run has another identity or other inputs (every
// difference is named); or if the run can't be resumed. Throws RuntimeFailure if another run uses the output or the
// errors' file, the output can't be written, or an image can't be sorted; the records so far then stay for a resumed run. Also throws the exceptions of `on_progress`
// and `store`.
RunSummary write_records(Predictor& predictor, ImageFiles& files, RecordStore& store, const RunOptions& options,
                         const ProgressCallback& on_progress = {});

}  // namespace ppinfer
