// A run over many inputs, a record each, that can be stopped at any moment and resumed to the same records.
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

// Where a run's files are. While it runs, its records are in `part`, and `manifest` says what they were made by; at the
// end `part` becomes `output`. Whatever stops it earlier leaves both.
struct RunFiles {
  std::string output;  // links followed
  std::string part;    // output + ".part"; empty: output isn't a regular file (a pipe, a device, "-"): written directly
  std::string manifest;  // output + ".manifest"; likewise
};
RunFiles run_files(const std::string& output_path);

// What a resumed run must have the same: the model's content, the config, the inputs, the format, ...
using RunIdentity = std::vector<std::pair<std::string, std::string>>;  // (key, value)
// The part of it that a loaded model can tell: ppinfer's version, the values in effect of the keys that have a say in
// what a record holds, hashes of the labels and of the model's files. Throws ModelError: one of these can't be read.
RunIdentity record_identity(const Predictor& predictor);

struct RunOptions {
  std::string output_path = "-";
  RecordFormat format = RecordFormat::kJsonl;
  // Writes the output itself, of the finished part's records, when `format` is not that of the output (Parquet, say).
  // The part is removed after it; a run that is killed before, or that it throws out of, calls it again when it is
  // resumed. Without it the part becomes the output.
  std::function<void(const std::string& part_path)> write_output;
  RunIdentity identity;  // beside record_identity() and that of the inputs
  // Where the output is no file: a file of the user's own that gets the records as JSON Lines, too; empty: none.
  std::string copy_path;
  bool resume = false;
  bool force = false;  // start over where a stopped run has left its records
  std::string errors_path;  // a file that the records of errors go to as well, in `format` unless its extension tells
                            // another; empty: none
  // More errors than this, or from 100 images on a larger share, end the run early; negative: any number is fine. Those
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

enum class RunEnd { kComplete, kMaxErrors, kInterrupted };
const char* to_string(RunEnd end);  // "complete", "max_errors", "interrupted"

struct RunSummary {
  RunStats run;                    // of this run alone
  std::int64_t done_before = 0;    // records of the stopped run that this one resumes
  std::int64_t errors_before = 0;  // of these
  SkippedFiles skipped;
  std::int64_t of_other_shards = 0;
  // Resuming was asked for, and there was no stopped run: it began with the first input.
  bool nothing_to_resume = false;
  // Once the run has ended: a run with `resume` can continue it. Records go into a file, and no image came from a pipe.
  bool can_resume = false;
  RunEnd end = RunEnd::kComplete;    // once the run has ended
  std::vector<std::string> notices;  // likewise: how the lines of a list were understood

  std::int64_t images_in_all() const { return done_before + run.images; }
  std::int64_t errors_in_all() const { return errors_before + run.errors; }
};

// Looks at a run about every 100 ms, in the caller's thread. False: end it as an interrupt does, once the images that
// are begun have their records; true after that, or a throw, doesn't take it back.
using ProgressCallback = std::function<bool(const RunSummary& so_far)>;

// Classifies what is left of `files`, a record each. At any moment, what a
// killed process loses is what was in flight: images being worked on, and records of the last half second. Where there
// is no input at all, an earlier output stays; a shard that gets none of those there are has an empty one, which
// whoever puts the shards together needs. An output that a killed run has just put in place counts as resumed, and no
// input is looked at. Whether an input that has its record has changed since isn't looked at; its path is.
// Throws ConfigError when there is a stopped run, or somebody else's file in the place of the manifest or of the
// errors' part, and neither `resume` nor `force`, when there is one that was begun with another identity or other
// inputs (every difference is named), or when resuming can't be; RuntimeFailure when another run has the output, or it
// can't be written: then what was done stays to be resumed. Also throws what the functions of the caller throw.
RunSummary write_records(Predictor& predictor, ImageFiles& files, const RunOptions& options,
                         const ProgressCallback& on_progress = {});

}  // namespace ppinfer
