#include "ppinfer/run.h"

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <utility>

#include "core/message_text.h"
#include "ppinfer/error.h"
#include "run/errors_file.h"
#include "run/identity.h"
#include "run/manifest.h"
#include "run/record_stores.h"
#include "run/run_file_status.h"
#include "run/run_sink.h"

namespace ppinfer {
namespace {

constexpr std::chrono::milliseconds kProgressInterval{100};

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

class Run : public RunWatch {
 public:
  Run(Predictor& predictor, ImageFiles& inputs, RecordStore& store, const RunOptions& options,
      const ProgressCallback& watch)
      : predictor_(predictor),
        inputs_(inputs),
        store_(store),
        options_(options),
        watch_(watch),
        files_(run_files(options.output_path)),
        manifest_(files_.manifest) {}

  RunSummary run() {
    try {
      open();
      if (options_.on_begin) options_.on_begin(manifest_.run_id());
      if (was_complete_) {
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
    return summary_;
  }

  bool look(const RunStats& so_far) override {
    summary_.run = so_far;
    if (sink_->exceeds_limit()) end(RunEnd::kMaxErrors);
    sink_->flush_if_due();
    return look_on();
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
    identity.emplace_back("errors file", options_.errors_path.empty() ? "none" : options_.errors_path);
    return shown(identity);
  }

  void find_stopped_run() {
    identity_ = make_identity();
    if (options_.force) return begin();
    if (manifest_.is_foreign()) {
      throw ConfigError({files_.manifest +
                         " is in the way: a run writes its manifest there, and that file isn't one: move it away, "
                         "choose another output, or lose it with --force"});
    }
    if (manifest_.is_starting()) return begin();
    if (!exists(files_.part)) return find_complete_run();
    if (is_empty(files_.part)) return begin();
    if (!manifest_.is_whole()) {
      throw ConfigError({files_.part + " is there, but " + files_.manifest +
                         ", which would say what made its records, is missing or damaged: move " + files_.part +
                         " away, or start over with --force"});
    }
    // Of another format, say, the store can't tell how many records there are.
    const bool is_ours = manifest_.identity() == identity_;
    if (is_ours) count_done();
    if (is_ours && summary_.done_before == 0) return begin();
    if (!options_.resume) {
      const std::string records = is_ours ? "the records of " + counted(summary_.done_before, "image") : "records";
      throw ConfigError(
          {records + " of a stopped run are in " + files_.part + ": --resume goes on from there, --force starts over"});
    }
    require_same_identity(options_.output_path, manifest_.identity(), identity_);
    if (errors_) errors_->find(summary_.errors_before, manifest_.complete().has_value());
  }

  // A run that was killed when it had put its output in place, and had only its manifest left to remove. Of an output
  // that is older, the part was removed by somebody else.
  void find_complete_run() {
    was_complete_ = options_.resume && manifest_.complete() && manifest_.identity() == identity_ &&
                    is_put_there_after(files_.output, files_.manifest);
    if (was_complete_) {
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
    const bool is_ours = manifest_.is_whole() && manifest_.identity() == identity_;
    if (errors_ && !options_.force && !is_ours) errors_->require_own();
    if (errors_) errors_->begin();  // first: if it can't be written, earlier records stay
    is_begun_ = true;
    if (is_resumable()) manifest_.announce();
    store_.truncate(0);
    if (!is_resumable()) return;
    part_number_ = number_of(files_.part);
    manifest_.begin(identity_);
  }

  // Walks the inputs whose records are there. False: interrupted on the way, with everything left as it was.
  bool skip_done() {
    if (is_begun_) return true;
    const std::int64_t done = std::exchange(summary_.done_before, 0);
    auto next_look = std::chrono::steady_clock::now() + kProgressInterval;
    ImageInput input;
    store_.visit([&](const KeptRecord& record) {
      if (!inputs_.skip(input, [this] { look_on(); })) {
        if (summary_.end == RunEnd::kComplete) throw_ended_early(summary_.done_before, done);
        return false;
      }
      const std::int64_t number = ++summary_.done_before;
      if (store_.path_text(input.path) != record.path) {
        refuse_resume(options_.output_path, {"input " + std::to_string(number) + " is " + input.path +
                                             " now, and was " + record.path + ": an input is new or gone"});
      }
      if (std::chrono::steady_clock::now() < next_look) return true;
      next_look += kProgressInterval;
      return look_on();
    });
    const bool is_interrupted = summary_.end != RunEnd::kComplete;
    summary_.done_before = done;  // if interrupted, too: all of it is still there
    if (is_interrupted) return false;
    store_.truncate(done);
    if (errors_) errors_->truncate(summary_.errors_before);
    return true;
  }

  [[noreturn]] void throw_ended_early(std::int64_t index, std::int64_t done) const {
    refuse_resume(options_.output_path, {"there are only " + counted(index, "input") + " now, and " +
                                         std::to_string(done) + " were done already"});
  }

  void classify() {
    const ErrorLimit limit{options_.max_errors, options_.max_error_percent};
    RunSink sink(store_, errors_ ? errors_->store() : nullptr, is_resumable(), inputs_, limit, summary_);
    sink_ = &sink;
    if (limit.is_exceeded(summary_.images_in_all(), summary_.errors_in_all())) return end(RunEnd::kMaxErrors);
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
      // What made the run fail is what its caller is told; this mostly is the same once more.
    }
  }

  void commit() {
    if (is_resumable()) manifest_.mark_complete({summary_.images_in_all(), summary_.errors_in_all()});
    if (errors_) errors_->commit();
    store_.commit();
    complete();
  }

  // The manifest goes last: what is stopped before is done again by a resumed run.
  void complete() {
    if (options_.on_complete) options_.on_complete();
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
  }

  bool look_on() {
    count_left_out();
    if (watch_ && !watch_(summary_)) end(RunEnd::kInterrupted);
    return summary_.end == RunEnd::kComplete;
  }

  void end(RunEnd reason) {
    if (summary_.end == RunEnd::kComplete) summary_.end = reason;
    inputs_.stop();  // they may be waiting for a list to go on
  }

  Predictor& predictor_;
  ImageFiles& inputs_;
  RecordStore& store_;
  const RunOptions& options_;
  const ProgressCallback& watch_;
  const RunFiles files_;
  Manifest manifest_;
  RunIdentity identity_;
  std::optional<ErrorsFile> errors_;
  bool was_complete_ = false;  // before this run
  bool is_begun_ = false;      // with the first input
  FileNumber part_number_;
  RunSummary summary_;
  RunSink* sink_ = nullptr;
};

}  // namespace

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

RunSummary write_records_into(RecordStore& store, Predictor& predictor, ImageFiles& files, const RunOptions& options,
                              const ProgressCallback& watch) {
  return Run(predictor, files, store, options, watch).run();
}

RunSummary write_records(Predictor& predictor, ImageFiles& files, const RunOptions& options,
                         const ProgressCallback& watch) {
  const Settings& settings = predictor.config().settings();
  std::vector<std::string> read = files_of_model(settings.cls_model_path, settings.cls_params_path);
  read.push_back(settings.label_path);
  for (const std::string& path : {options.output_path, options.errors_path}) require_not_read(path, read);
  return write_records_into(*make_record_store(options, settings.postprocess), predictor, files, options, watch);
}

}  // namespace ppinfer
