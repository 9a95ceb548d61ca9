// A run over many inputs that may be stopped at any moment, and resumed with the very records of one that never was.
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

// Where a job's files are. While it runs, its records are in `part`, and `journal` notes which inputs they are of; at
// the end `part` becomes `output`. Whatever stops it earlier leaves both.
struct JobFiles {
  std::string output;  // links followed
  std::string part;    // output + ".part"; empty: output isn't a regular file (a pipe, a device, "-"): written directly
  std::string journal;  // output + ".journal"; likewise
};
JobFiles job_files(const std::string& output_path);

// What a job's records go into. For one thread at a time; throws RuntimeFailure, or what else its maker likes.
class RecordStore : public ResultSink {
 public:
  // Whole records, from the first on, that a stopped run has left; 0 when there is nothing.
  virtual std::int64_t records() = 0;
  // Keeps the first `count` of these, drops what follows, and makes ready for more; 0 starts over. Called once, before
  // the first write().
  virtual void cut(std::int64_t count) = 0;
  // write() may keep records back: those count as done only after flush(), which hands them to the system.
  virtual bool full() const = 0;  // so much is kept back that a flush() is due
  virtual void flush() = 0;
  // As flush(), but where somebody reads what is written, such as a pipe, only what is taken without waiting. True:
  // that was all.
  virtual bool flush_what_fits() {
    flush();
    return true;
  }
  virtual void put_in_place() = 0;  // after the last flush(): makes the output of what is there
  virtual void abandon() = 0;       // instead: closes, and leaves what a resumed run goes on from
};

// That of `format`; also for an output that is not a regular file, which is opened at once. Throws RuntimeFailure.
std::unique_ptr<RecordStore> make_record_store(const std::string& output_path, RecordFormat format, PostprocessOp op);

// What a resumed run must have the same, beside the inputs: the model's content, the config, the format, ...
// Of two that both have a "program" (kProgramKey), and another one, nothing else is compared: their keys differ.
inline constexpr const char* kProgramKey = "program";
using JobIdentity = std::vector<std::pair<std::string, std::string>>;  // (key, value)
// The part of it that a loaded model can tell: ppinfer's version, the values in effect of the keys that have a say in
// what stands in a record, and the labels. The content of the model's files isn't in it.
JobIdentity record_identity(const Predictor& predictor);

struct JobOptions {
  std::string output_path = "-";
  JobIdentity identity;
  bool resume = false;
  bool force = false;                                 // start over where a stopped run has left its records
  std::string errors_path;                            // a file that the records of errors go to as well; empty: none
  RecordFormat errors_format = RecordFormat::kJsonl;  // where the ending of errors_path tells none
  // More errors than this, or from 100 images on a larger share, end the job early; negative: any number is fine. Those
  // from before a resume count too.
  std::int64_t max_errors = -1;
  double max_error_percent = -1;
  // Called in the caller's thread. `on_begin`: once the run has the output to itself, before its first input, with the
  // run's id: 32 hexadecimal digits that a resumed run has in common with the stopped one, and no other run; empty
  // where nothing can be resumed. `on_complete`: once the output is in place; a run that is killed before it returns,
  // or that it throws out of, calls it again when it is resumed.
  std::function<void(const std::string& run_id)> on_begin;
  std::function<void()> on_complete;
};

enum class JobEnd { kComplete, kMaxErrors, kInterrupted };
const char* to_string(JobEnd end);  // "complete", "max_errors", "interrupted"

struct JobTotals {
  RunStats run;                    // of this run alone
  std::int64_t done_before = 0;    // records of the stopped run that this one resumes
  std::int64_t errors_before = 0;  // of these
  SkippedFiles skipped;
  std::int64_t of_other_shards = 0;
  // Resuming was asked for, and there was no stopped run: it began with the first input.
  bool nothing_to_resume = false;
  // Once the job has ended: a run with `resume` can continue it. Records go into a file, and no image came from a pipe.
  bool can_resume = false;
  JobEnd end = JobEnd::kComplete;  // once the job has ended

  std::int64_t images() const { return done_before + run.images; }
  std::int64_t errors() const { return errors_before + run.errors; }
};

// Looks at a job about every 100 ms, in the caller's thread. False: end it as an interrupt does, once the images that
// are begun have their records; true after that, or a throw, doesn't take it back.
using JobWatch = std::function<bool(const JobTotals& so_far)>;

// Classifies what is left of `files`, records to `store`, which is that of options.output_path. At any moment, what a
// killed process loses is what was in flight: images being worked on, and records of the last half second. Where there
// is no input at all, an earlier output stays; a shard that gets none of those there are has an empty one, which
// whoever puts the shards together needs. An output that a killed run has just put in place counts as resumed, and no
// input is looked at. Throws ConfigError when there is a stopped run, or somebody else's file in the place of the
// journal or of the errors' part, and neither `resume` nor `force`, when there is one that was begun with another
// identity or other inputs (every difference is named), or when resuming can't be; RuntimeFailure when another run has
// the output, or it can't be written: then what was done stays to be resumed. Also throws what `watch` and `store`
// throw.
JobTotals run_job(Predictor& predictor, ImageFiles& files, RecordStore& store, const JobOptions& options,
                  const JobWatch& watch = {});

}  // namespace ppinfer
