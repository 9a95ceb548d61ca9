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

namespace [[gnu::visibility("default")]] ppinfer {

// The files of a run. During the run, `part` holds the records, and `manifest` the config, model hash and inputs; at
// the end `part` becomes `output`, or RunOptions::write_output makes `output` of it. A stopped run leaves both.
struct RunFiles {
  std::string output;  // links followed
  std::string part;    // output + ".part"; empty: output isn't a regular file (a pipe, a device, "-"), written directly
  std::string manifest;  // output + ".manifest"; empty as `part`
};
RunFiles run_files(const std::string& output_path);

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
  double max_percent = -1;       // negative: no limit; checked from 100 images on

  bool is_exceeded(std::int64_t images, std::int64_t errors) const;
};
// "20" or "1.5%". Throws ConfigError, which calls it `name`, for other text.
ErrorLimit parse_error_limit(const std::string& name, const std::string& text);

struct RunOptions {
  std::string output_path = "-";
  RecordFormat format = RecordFormat::kJsonl;  // also of errors_path, if its extension sets no format
  // For a format that the caller writes: writes the output from the part of the finished run, which is kVectors. The
  // part is removed afterwards. If the run is killed before, or this throws, a resumed run calls it again.
  std::function<void(const std::string& part_path)> write_output;
  // In addition to record_identity(), the inputs, the paths of the options and, without write_output, the format.
  RunIdentity identity;
  // For an output that is not a regular file: another file, which gets the records as JSON Lines; empty: none.
  std::string copy_path;
  bool resume = false;
  bool force = false;       // start over and delete the records of a stopped run
  std::string errors_path;  // file for the records of bad images, in addition; empty: none
  ErrorLimit limit;         // errors from before a resume count
  // Find inputs before lanes ask for them, so that a progress callback knows early how many there are.
  bool counts_ahead = false;
  // A folder that gets a folder for each class, named by its label, else by its id, with the images of that class. No
  // file there is overwritten, and an image that is there from an earlier run isn't put there again. Empty: none.
  std::string sort_into;
  SortBy sort_by = SortBy::kCopy;  // members of archives are always copied
  // A folder for the files of images that failed at decode or preprocess. They are moved at the end of a complete run.
  // A file that has changed since its record was made stays. Empty: none.
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
  std::vector<std::string> refused;            // reasons of files that could not be moved: 10, and a count of others
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
// in work have their records; a later true does not revoke this. An exception stops the run and comes out of
// write_records().
using ProgressCallback = std::function<bool(const RunSummary& so_far)>;

// Classifies the remaining inputs of `files` and writes a record for each. A killed process loses only the images in
// work and the records of the last half second. Without any input, an earlier output stays. An empty shard writes an
// empty output, which merging the shards needs. An output that a killed run has already committed counts as resumed,
// and no input is read. A resumed run compares the path of an input with its record, but does not check whether the
// content has changed.
//
// Throws ConfigError if a folder of sort_into or move_errors is in an input, or an input in a folder of sort_into; if a
// stopped run exists and neither `resume` nor `force` is set; if another program's file has the name of the manifest;
// if the stopped run has another identity or other inputs (every difference is named); or if the run can't be resumed.
// Throws RuntimeFailure if another run uses the output or the errors' file, the output can't be written, or an image
// can't be sorted; the records so far then stay for a resumed run. Also throws the exceptions of the caller's
// functions.
RunSummary write_records(Predictor& predictor, ImageFiles& files, const RunOptions& options,
                         const ProgressCallback& on_progress = {});

}  // namespace ppinfer
