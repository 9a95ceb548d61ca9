#include "ppinfer/run.h"

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <utility>

#include "core/message_text.h"
#include "ppinfer/error.h"
#include "run/bad_images.h"
#include "run/class_sorter.h"
#include "run/errors_file.h"
#include "run/folder_checks.h"
#include "run/identity.h"
#include "run/manifest.h"
#include "run/record_stores.h"
#include "run/run_file_status.h"
#include "run/run_sink.h"

namespace ppinfer {
namespace {

constexpr std::chrono::milliseconds kProgressInterval{100};
constexpr std::chrono::milliseconds kWalkTime{30};  // of each interval at most: some ten thousand inputs

using FileNumber = std::pair<dev_t, ino_t>;

FileNumber number_of(const std::string& path) {
  struct stat status;
  return stat(path.c_str(), &status) == 0 ? FileNumber(status.st_dev, status.st_ino) : FileNumber();
}

bool has_records(RecordStore& store) {
  bool any = false;
  store.visit([&](const KeptRecord&) {
    any = true;
    return false;
  });
  return any;
}

class Run : public RunObserver {
 public:
  Run(Predictor& predictor, ImageFiles& inputs, RecordStore& store, const RunOptions& options,
      const ProgressCallback& on_progress)
      : predictor_(predictor),
        inputs_(inputs),
        store_(store),
        options_(options),
        on_progress_(on_progress),
        files_(run_files(options.output_path)),
        manifest_(files_.manifest) {
    if (!options.sort_into.empty()) sorter_.emplace(options.sort_into, options.sort_by, predictor.labels());
    if (!options.move_errors.empty()) bad_images_.emplace(options.move_errors, is_resumable() ? &manifest_ : nullptr);
  }

  RunSummary run() {
    try {
      open();
      if (was_complete_) {
        if (errors_) errors_->finish(manifest_.run_id(), summary_.errors_before);
        complete();
        leave();
        return summary_;
      }
      if (skip_done()) classify();
      if (is_whole() || !is_resumable()) {
        commit();
      } else {
        leave();
      }
    } catch (...) {
      leave_after_failure();
      throw;
    }
    summary_.can_resume = is_resumable() && !inputs_.reads_a_stream();
    summary_.notices = inputs_.notices();
    if (made_again_ > 0) {
      summary_.notices.push_back("made " + counted(made_again_, "record") +
                                 " of the stopped run again: its files had lost some of the errors");
    }
    if (sorter_) summary_.sorted = sorter_->sorted();
    return summary_;
  }

  bool on_progress(const RunStats& so_far) override {
    summary_.run = so_far;
    if (sink_->exceeds_limit()) end(RunEnd::kMaxErrors);
    sink_->flush_if_due();
    if (options_.counts_ahead) inputs_.look_further(kWalkTime);
    return report_progress();
  }

 private:
  // Of no inputs at all there is nothing to replace earlier records with.
  bool is_whole() const {
    return summary_.end == RunEnd::kComplete && (summary_.images_in_all() > 0 || summary_.of_other_shards > 0);
  }

  bool is_resumable() const { return !files_.part.empty(); }

  void open() {
    if (options_.resume && inputs_.reads_a_stream()) {
      throw ConfigError({"--resume: an image comes from standard input or a pipe, which holds it only once"});
    }
    if (!options_.errors_path.empty()) errors_.emplace(options_, files_, predictor_.config().settings().postprocess);
    if (!is_resumable()) {
      if (options_.resume) {
        throw ConfigError({"--resume needs an output that is a file, and " +
                           (files_.output == "-" ? "standard output" : files_.output) + " is none"});
      }
      return begin();
    }
    manifest_.open();
    const bool was_empty = manifest_.is_empty();
    try {
      find_stopped_run();
    } catch (...) {
      if (was_empty) manifest_.remove();
      throw;
    }
  }

  RunIdentity make_identity() const {
    RunIdentity identity = record_identity(predictor_);
    for (const RunIdentity& more : {options_.identity, inputs_.identity()}) {
      identity.insert(identity.end(), more.begin(), more.end());
    }
    if (!options_.write_output) identity.emplace_back("format", to_string(options_.format));
    identity.emplace_back("errors file", options_.errors_path.empty() ? "none" : options_.errors_path);
    // A resumed run that sorted otherwise would leave out the images before.
    if (!options_.sort_into.empty()) identity.emplace_back("sort_into", options_.sort_into);
    if (!options_.move_errors.empty()) identity.emplace_back("move_errors", options_.move_errors);
    return shown(identity);
  }

  void find_stopped_run() {
    identity_ = make_identity();
    if (options_.force) return begin();
    if (manifest_.is_foreign()) {
      throw ConfigError({files_.manifest + " is not a manifest, and a run needs this path for its manifest: move the "
                                           "file, choose another output, or overwrite the file with --force"});
    }
    if (manifest_.is_starting()) return begin();
    if (!exists(files_.part)) return find_complete_run();
    if (is_empty(files_.part)) return begin();
    if (!manifest_.is_whole()) {
      throw ConfigError({files_.part + " is there, but " + files_.manifest +
                         ", the manifest of its records, is missing or damaged: move " + files_.part +
                         " away, or start over with --force"});
    }
    const std::vector<std::string> changes = identity_changes(manifest_.identity(), identity_);
    const bool is_ours = changes.empty();
    if (is_ours) count_done();  // the store can't count records of another format
    if (is_ours && summary_.done_before == 0) return begin();
    if (!options_.resume) {
      const std::string records = is_ours ? "the records of " + counted(summary_.done_before, "image") : "records";
      throw ConfigError(
          {records + " of a stopped run are in " + files_.part + ": --resume continues the run, --force starts over"});
    }
    if (!is_ours) refuse_resume(options_.output_path, changes);
    std::int64_t errors = summary_.errors_before;
    if (errors_) errors = std::min(errors, errors_->find(manifest_.run_id()));
    if (bad_images_) errors = std::min(errors, manifest_.bad_images());
    if (errors < summary_.errors_before) keep_records_before_error(errors);
  }

  // After a power cut each file of the run may lack another end: the records that all of them know are kept.
  void keep_records_before_error(std::int64_t errors) {
    made_again_ = std::exchange(summary_.done_before, 0);
    summary_.errors_before = errors;
    std::int64_t seen = 0;
    store_.visit([&](const KeptRecord& record) {
      if (record.is_error && seen++ == errors) return false;
      ++summary_.done_before;
      return true;
    });
    made_again_ -= summary_.done_before;
  }

  // A run that was killed after it committed its output, before it removed its manifest. If the output is older than
  // the manifest, somebody removed the part: this run starts over.
  void find_complete_run() {
    if (manifest_.complete() && is_put_there_after(files_.output, files_.manifest)) {
      if (!options_.resume) {
        throw ConfigError({"the records of " + counted(manifest_.complete()->images, "image") + " in " + files_.output +
                           " are of a run that was stopped just before its end: --resume ends the run, --force starts "
                           "over"});
      }
      const std::vector<std::string> changes = identity_changes(manifest_.identity(), identity_);
      if (!changes.empty()) refuse_resume(options_.output_path, changes);
      was_complete_ = true;
      summary_.done_before = manifest_.complete()->images;
      summary_.errors_before = manifest_.complete()->errors;
      return;
    }
    summary_.nothing_to_resume = options_.resume;
    begin();
  }

  void count_done() {
    store_.visit([this](const KeptRecord& record) {
      ++summary_.done_before;
      if (record.is_error) ++summary_.errors_before;
      return true;
    });
  }

  void begin() {
    summary_.done_before = summary_.errors_before = 0;
    const std::string run_id = is_resumable() ? Manifest::make_run_id() : "";
    const std::string old_id = manifest_.run_id();
    if (errors_) errors_->begin(run_id);  // first: if it can't be written, earlier records stay
    is_begun_ = true;
    if (is_resumable()) manifest_.announce(run_id);
    store_.truncate(0);
    if (!is_resumable()) return;
    part_number_ = number_of(files_.part);
    manifest_.begin(identity_);
    if (errors_) errors_->discard(old_id);
  }

  // Walks the inputs whose records are there. False: interrupted on the way, with everything left as it was.
  bool skip_done() {
    if (is_begun_) return true;
    const std::int64_t done = std::exchange(summary_.done_before, 0);
    auto next_report = std::chrono::steady_clock::now() + kProgressInterval;
    ImageInput input;
    store_.visit([&](const KeptRecord& record) {
      if (summary_.done_before == done) return false;
      if (!inputs_.next_unread(input, [this] { report_progress(); })) {
        if (summary_.end == RunEnd::kComplete) throw_ended_early(summary_.done_before, done);
        return false;
      }
      const std::int64_t number = ++summary_.done_before;
      if (store_.path_text(input.path) != record.path) {
        refuse_resume(options_.output_path, {"input " + std::to_string(number) + " is " + input.path + " now, was " +
                                             record.path + ": an input is new or missing"});
      }
      if (std::chrono::steady_clock::now() < next_report) return true;
      next_report += kProgressInterval;
      return report_progress();
    });
    const bool is_interrupted = summary_.end != RunEnd::kComplete;
    summary_.done_before = done;  // if interrupted, too: all of it is still there
    if (is_interrupted) return false;
    store_.truncate(done);
    if (errors_) errors_->truncate(summary_.errors_before);
    if (bad_images_) manifest_.keep_bad_images(summary_.errors_before);
    return true;
  }

  [[noreturn]] void throw_ended_early(std::int64_t index, std::int64_t done) const {
    refuse_resume(options_.output_path, {"there are only " + counted(index, "input") + " now, and " +
                                         std::to_string(done) + " were done already"});
  }

  void classify() {
    const ImageFileSinks images_to{sorter_ ? &*sorter_ : nullptr, bad_images_ ? &*bad_images_ : nullptr};
    RunSink sink(store_, errors_ ? errors_->store() : nullptr, is_resumable(), inputs_, options_.limit, summary_,
                 images_to);
    sink_ = &sink;
    if (options_.limit.is_exceeded(summary_.images_in_all(), summary_.errors_in_all())) return end(RunEnd::kMaxErrors);
    try {
      summary_.run = predictor_.run(inputs_, sink, *this);
    } catch (...) {
      keep(sink);
      throw;
    }
    count_left_out();
    if (sink.exceeds_limit()) end(RunEnd::kMaxErrors);
    sink.flush();
  }

  static void keep(RunSink& sink) {
    try {
      sink.flush();
    } catch (...) {
      // The caller gets the first failure; a second failure mostly has the same cause.
    }
  }

  void commit() {
    if (is_resumable()) manifest_.mark_complete({summary_.images_in_all(), summary_.errors_in_all()});
    store_.commit();
    if (errors_) errors_->commit();  // last: a run that finds its output in place can tell whether this was done
    complete();
  }

  // The manifest goes last: what is stopped before is done again by a resumed run.
  void complete() {
    if (bad_images_ && summary_.end == RunEnd::kComplete) summary_.moved = bad_images_->move();
    if (is_resumable()) manifest_.remove();
  }

  // Closes everything, with what can be resumed; where nothing was done, nothing is left.
  void leave() {
    const bool has_nothing = is_resumable() && is_begun_ && !manifest_.complete() && !has_records(store_);
    store_.close();
    if (errors_) errors_->leave(has_nothing);
    if (has_nothing && number_of(files_.part) == part_number_) std::remove(files_.part.c_str());  // else it isn't ours
    if (has_nothing) manifest_.remove();
    manifest_.close();
  }

  void leave_after_failure() {
    try {
      leave();
    } catch (...) {
      // As in keep().
    }
  }

  void count_left_out() {
    summary_.skipped = inputs_.skipped();
    summary_.of_other_shards = inputs_.of_other_shards();
    summary_.found_all = inputs_.found_all();  // first: the count is final then
    summary_.found = inputs_.found();
  }

  bool report_progress() {
    count_left_out();
    if (on_progress_ && !on_progress_(summary_)) end(RunEnd::kInterrupted);
    return summary_.end == RunEnd::kComplete;
  }

  void end(RunEnd reason) {
    if (summary_.end == RunEnd::kComplete) summary_.end = reason;
    inputs_.stop();  // the inputs may wait for the next line of a list
  }

  Predictor& predictor_;
  ImageFiles& inputs_;
  RecordStore& store_;
  const RunOptions& options_;
  const ProgressCallback& on_progress_;
  const RunFiles files_;
  Manifest manifest_;
  RunIdentity identity_;
  std::optional<ErrorsFile> errors_;
  std::optional<ClassSorter> sorter_;
  std::optional<BadImages> bad_images_;
  std::int64_t made_again_ = 0;  // records of the stopped run that were truncated
  bool was_complete_ = false;    // before this run
  bool is_begun_ = false;        // with the first input
  FileNumber part_number_;
  RunSummary summary_;
  RunSink* sink_ = nullptr;
};

}  // namespace

SortBy parse_sort_by(const std::string& name) {
  if (name == "copy") return SortBy::kCopy;
  if (name == "hardlink") return SortBy::kHardlink;
  if (name == "symlink") return SortBy::kSymlink;
  throw ConfigError({"sort by " + name + ": expected copy, hardlink or symlink"});
}

const char* to_string(RunEnd end) {
  switch (end) {
    case RunEnd::kComplete:
      return "complete";
    case RunEnd::kMaxErrors:
      return "max_errors";
    case RunEnd::kInterrupted:
      return "interrupted";
  }
  return "unknown";
}

int exit_code(const RunSummary& summary) {
  if (summary.end == RunEnd::kInterrupted) return 130;
  if (summary.end == RunEnd::kMaxErrors) return 3;
  if (summary.images_in_all() == 0 && summary.of_other_shards == 0) return 2;
  return summary.errors_in_all() > 0 ? 1 : 0;
}

RunSummary write_records_into(RecordStore& store, Predictor& predictor, ImageFiles& files, const RunOptions& options,
                              const ProgressCallback& on_progress) {
  check_folders(options, files.given_paths());
  if (!options.sort_into.empty()) require_classes(predictor.config());
  return Run(predictor, files, store, options, on_progress).run();
}

RunSummary write_records(Predictor& predictor, ImageFiles& files, const RunOptions& options,
                         const ProgressCallback& on_progress) {
  const Settings& settings = predictor.config().settings();
  std::vector<std::string> read = files_of_model(settings.cls_model_path, settings.cls_params_path);
  read.push_back(settings.label_path);
  for (const std::string& path : {options.output_path, options.errors_path}) require_not_read(path, read);
  return write_records_into(*make_record_store(options, settings.postprocess), predictor, files, options, on_progress);
}

}  // namespace ppinfer
