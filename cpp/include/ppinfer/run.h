// A run that writes one record for each input, and that can be stopped at any moment and resumed to the same records.
#pragma once

#include <cstdint>
#include <functional>
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

struct RunOptions {
  std::string output_path = "-";
  RunIdentity identity;  // in addition to record_identity() and the identity of the inputs
  bool resume = false;
  bool force = false;                                 // start over and delete the records of a stopped run
  std::string errors_path;                            // file for the records of bad images, in addition; empty: none
  RecordFormat errors_format = RecordFormat::kJsonl;  // if the extension of errors_path sets no format
  // More errors, or after 100 images a larger share of errors, end the run early; negative: no limit. Errors from
  // before a resume count.
  std::int64_t max_errors = -1;
  double max_error_percent = -1;
  // Called in the caller's thread. `on_begin`: after the run has locked the output, before the first input, with the
  // run's id: 32 hexadecimal digits that a resumed run shares with the stopped run only; empty if the run can't be
  // resumed. `on_complete`: after the output is committed. If the run is killed before `on_complete` returns, or
  // `on_complete` throws, a resumed run calls it again.
  std::function<void(const std::string& run_id)> on_begin;
  std::function<void()> on_complete;
};

enum class RunEnd { kComplete, kMaxErrors, kInterrupted };
const char* to_string(RunEnd end);  // "complete", "max_errors", "interrupted"

struct RunSummary {
  RunStats run;                    // of this run only
  std::int64_t done_before = 0;    // records of the stopped run that this run resumes
  std::int64_t errors_before = 0;  // error records among `done_before`
  SkippedFiles skipped;
  std::int64_t of_other_shards = 0;
  // RunOptions::resume was set without a stopped run, so the run started over.
  bool nothing_to_resume = false;
  // After the end: a run with `resume` can continue this run. True if records go into a file and no image came from a
  // pipe.
  bool can_resume = false;
  RunEnd end = RunEnd::kComplete;    // after the end
  std::vector<std::string> notices;  // after the end: how the lines of a list were read

  std::int64_t images_in_all() const { return done_before + run.images; }
  std::int64_t errors_in_all() const { return errors_before + run.errors; }
};

// Called about every 100 ms, in the caller's thread. Return false to end the run as an interrupt does, after the images
// in work have their records; a later true, or an exception, doesn't revoke this.
using ProgressCallback = std::function<bool(const RunSummary& so_far)>;

// Classifies the remaining inputs of `files` and writes records to `store`, the store of options.output_path. A killed
// process loses only the images in work and the records of the last half second. Without any input, an earlier output
// stays. An empty shard writes an empty output, which merging the shards needs. An output that a killed run has already
// committed counts as resumed, and no input is read. A resumed run compares the path of an input with its record, but
// does not check whether the content has changed.
//
// Throws ConfigError if a stopped run exists and neither `resume` nor `force` is set; if another program's file has the
// name of the manifest or of the errors' part; if the stopped run has another identity or other inputs (every
// difference is named); or if the run can't be resumed. Throws RuntimeFailure if another run uses the output, or the
// output can't be written; the records so far then stay for a resumed run. Also throws the exceptions of `on_progress`
// and `store`.
RunSummary write_records(Predictor& predictor, ImageFiles& files, RecordStore& store, const RunOptions& options,
                         const ProgressCallback& on_progress = {});

}  // namespace ppinfer
