#include "ppinfer/job.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "core/message_text.h"
#include "job/changes.h"
#include "job/journal.h"
#include "job/record_stores.h"
#include "job/streams.h"
#include "output/output_file.h"
#include "ppinfer/error.h"

namespace ppinfer {
namespace {

constexpr std::chrono::milliseconds kProgressInterval{100};

bool exists(const std::string& path) {
  struct stat status;
  return lstat(path.c_str(), &status) == 0;
}

bool is_empty(const std::string& path) {
  struct stat status;
  return stat(path.c_str(), &status) == 0 && status.st_size == 0;
}

// Whether `path` got its name or its content after `other` was last written to.
bool is_put_there_after(const std::string& path, const std::string& other) {
  struct stat status;
  struct stat before;
  if (stat(path.c_str(), &status) != 0 || stat(other.c_str(), &before) != 0) return false;
  return std::pair(status.st_ctim.tv_sec, status.st_ctim.tv_nsec) >=
         std::pair(before.st_mtim.tv_sec, before.st_mtim.tv_nsec);
}

// Of what may not be there yet; "./out" is "out".
bool is_same_name(const std::string& one, const std::string& other) {
  std::error_code unresolved;
  const auto resolved = std::filesystem::weakly_canonical(std::filesystem::absolute(one, unresolved), unresolved);
  return resolved == std::filesystem::weakly_canonical(std::filesystem::absolute(other, unresolved), unresolved);
}

using FileNumber = std::pair<dev_t, ino_t>;

FileNumber number_of(const std::string& path) {
  struct stat status;
  return stat(path.c_str(), &status) == 0 ? FileNumber(status.st_dev, status.st_ino) : FileNumber();
}

class Job : public RunWatch {
 public:
  Job(Predictor& predictor, ImageFiles& inputs, RecordStore& store, const JobOptions& options, const JobWatch& watch)
      : predictor_(predictor),
        inputs_(inputs),
        store_(store),
        options_(options),
        watch_(watch),
        files_(job_files(options.output_path)),
        journal_(files_.journal) {}

  JobTotals run() {
    try {
      open();
      if (options_.on_begin) options_.on_begin(journal_.run_id());
      if (was_complete_) {
        complete();
        leave();
        return totals_;
      }
      if (pass_over_done()) classify();
      if (is_whole() || !is_resumable()) {
        put_in_place();
      } else {
        leave();
      }
    } catch (...) {
      leave_after_failure();
      throw;
    }
    totals_.can_resume = is_resumable() && !inputs_.reads_a_stream();
    return totals_;
  }

  bool look(const RunStats& so_far) override {
    totals_.run = so_far;
    if (sink_->exceeds_limit()) end(JobEnd::kMaxErrors);
    sink_->flush_if_due();
    return look_on();
  }

 private:
  // Of no inputs at all there is nothing to replace earlier records with.
  bool is_whole() const {
    return totals_.end == JobEnd::kComplete && (totals_.images() > 0 || totals_.of_other_shards > 0);
  }

  bool is_resumable() const { return !files_.part.empty(); }

  void open() {
    if (options_.resume && inputs_.reads_a_stream()) {
      throw ConfigError({"--resume: an image comes from standard input or a pipe, which holds it only once"});
    }
    if (!options_.errors_path.empty()) open_errors();
    if (!is_resumable()) {
      if (options_.resume) {
        throw ConfigError({"--resume needs an output that is a file, and " +
                           (files_.output == "-" ? "standard output" : files_.output) + " is none"});
      }
      return begin();
    }
    journal_.open();
    const bool was_empty = journal_.is_empty();
    try {
      find_stopped_run();
    } catch (...) {
      if (was_empty) journal_.remove();
      throw;
    }
  }

  void open_errors() {
    errors_files_ = job_files(options_.errors_path);
    if (errors_files_.part.empty()) refuse_errors("");
    for (const std::string& name : {errors_files_.output, errors_files_.part}) {
      if (is_same_name(name, files_.output)) refuse_errors(", and " + name + " is the output of all records");
      if (!is_resumable()) continue;
      if (is_same_name(name, files_.part) || is_same_name(name, files_.journal)) {
        refuse_errors(", and " + name + " is where the run keeps what it has done so far");
      }
    }
    const auto make = is_resumable() ? make_record_store : make_direct_errors_store;
    errors_ = make(options_.errors_path, errors_format(), predictor_.config().settings().postprocess);
  }

  [[noreturn]] void refuse_errors(const std::string& reason) const {
    throw ConfigError({"--errors " + options_.errors_path + ": expected a file for records of errors alone" + reason});
  }

  RecordFormat errors_format() const {
    try {
      const std::string told = format_told_by(options_.errors_path);
      return told.empty() ? options_.errors_format : parse_record_format(told);
    } catch (const ConfigError&) {  // of Parquet, say, or of nothing
      throw ConfigError({"--errors " + options_.errors_path + ": expected .txt, .jsonl or .csv"});
    }
  }

  JobIdentity identity() const {
    JobIdentity identity = options_.identity;
    identity.emplace_back("errors file", options_.errors_path.empty() ? "none" : options_.errors_path);
    return identity;
  }

  void find_stopped_run() {
    if (options_.force) return begin();
    if (journal_.is_of_others()) {
      throw ConfigError({files_.journal +
                         " is in the way: a run notes there what it has done, and that file isn't by " +
                         "one: move it away, choose another output, or lose it with --force"});
    }
    if (!exists(files_.part)) return find_complete_run();
    if (!journal_.is_whole()) {
      if (is_empty(files_.part)) return begin();
      throw ConfigError({files_.part + " is there, but " + files_.journal +
                         ", which would say what its records are of, is missing or damaged: move " + files_.part +
                         " away, or start over with --force"});
    }
    // Of another format, say, the store can't tell how many records there are.
    const bool is_ours = journal_.identity() == identity();
    const std::int64_t done = is_ours ? std::min(store_.records(), journal_.entries()) : journal_.entries();
    if (done == 0) return begin();
    if (!options_.resume) {
      throw ConfigError({"the records of " + counted(done, "image") + " of a stopped run are in " + files_.part +
                         ": --resume goes on from there, --force starts over"});
    }
    require_same_identity(options_.output_path, journal_.identity(), identity());
    count_done(done);
    if (errors_) find_errors();
  }

  // A run that was killed when it had put its output in place, and had only its journal left to remove. Of an output
  // that is older, the part was removed by somebody else.
  void find_complete_run() {
    was_complete_ = options_.resume && journal_.is_at_end() && journal_.identity() == identity() &&
                    is_put_there_after(files_.output, files_.journal);
    if (was_complete_) return count_done(journal_.entries());
    totals_.nothing_to_resume = options_.resume;
    begin();
  }

  void count_done(std::int64_t done) {
    totals_.done_before = done;
    journal_.for_each(done, [this](std::int64_t, const Journal::Entry& entry) {
      if (entry.is_error) ++totals_.errors_before;
      return true;
    });
  }

  // Those of the stopped run, which may have put them in place just before it was killed.
  void find_errors() {
    if (journal_.is_at_end() && !exists(errors_files_.part) && exists(errors_files_.output) &&
        std::rename(errors_files_.output.c_str(), errors_files_.part.c_str()) != 0) {
      throw_write_failure(errors_files_.part, errno, true);
    }
    const std::int64_t found = errors_->records();
    if (found >= totals_.errors_before) return;
    throw ConfigError({errors_files_.part + " has " + counted(found, "record") + " of the " +
                       std::to_string(totals_.errors_before) +
                       " errors of the stopped run: put it back as it was, or start over with --force"});
  }

  void begin() {
    if (errors_) require_own_errors();
    if (is_resumable()) journal_.begin(identity());
    is_begun_ = true;
    store_.cut(0);
    if (is_resumable()) part_number_ = number_of(files_.part);
    if (errors_) errors_->cut(0);
    has_begun_errors_ = errors_ != nullptr;
  }

  // Two outputs may well be given one file for their errors, or one of them as that of another.
  void require_own_errors() {
    const bool is_ours = journal_.is_whole() && journal_.identity() == identity();
    if (options_.force || is_ours) return;
    const std::int64_t found = errors_->records();
    if (!exists(errors_files_.part) || is_empty(errors_files_.part)) return;
    const std::string what = found > 0 ? counted(found, "record") : "something";  // of another format, say
    throw ConfigError({errors_files_.part + " holds " + what +
                       " of a stopped run with another output: choose another " +
                       "--errors, or start over with --force"});
  }

  // False: interrupted on the way, with everything left as it was.
  bool pass_over_done() {
    if (is_begun_) return true;
    const std::int64_t done = std::exchange(totals_.done_before, 0);
    auto next_look = std::chrono::steady_clock::now() + kProgressInterval;
    ImageInput input;
    journal_.for_each(done, [&](std::int64_t index, const Journal::Entry& entry) {
      if (!inputs_.pass_over(input, [this] { look_on(); })) {
        if (totals_.end == JobEnd::kComplete) throw_ended_early(index, done);
        return false;
      }
      require_same_input(options_.output_path, input, entry.input, index + 1);
      totals_.done_before = index + 1;
      if (std::chrono::steady_clock::now() < next_look) return true;
      next_look += kProgressInterval;
      return look_on();
    });
    if (totals_.end != JobEnd::kComplete) {
      totals_.done_before = done;  // not only what was passed over: all of it is still there
      return false;
    }
    store_.cut(done);
    if (errors_) errors_->cut(totals_.errors_before);
    journal_.cut(done);
    return true;
  }

  [[noreturn]] void throw_ended_early(std::int64_t index, std::int64_t done) const {
    refuse_resume(options_.output_path, {"there are only " + counted(index, "input") + " now, and " +
                                         std::to_string(done) + " were done already"});
  }

  void classify() {
    FactsInFlight in_flight;
    JobSource source(inputs_, in_flight);
    const ErrorLimit limit{options_.max_errors, options_.max_error_percent};
    JobSink sink(store_, errors_.get(), is_resumable() ? &journal_ : nullptr, in_flight, source, limit, totals_);
    sink_ = &sink;
    if (limit.is_exceeded(totals_.images(), totals_.errors())) return end(JobEnd::kMaxErrors);
    try {
      totals_.run = predictor_.run(source, sink, *this);
    } catch (...) {
      keep(sink);
      throw;
    }
    count_left_out();
    if (sink.exceeds_limit()) end(JobEnd::kMaxErrors);
    sink.flush();
  }

  static void keep(JobSink& sink) {
    try {
      sink.flush();
    } catch (...) {
      // What made the run fail is what its caller is told; this mostly is the same once more.
    }
  }

  void put_in_place() {
    if (is_resumable()) journal_.mark_end();
    if (errors_) errors_->put_in_place();
    store_.put_in_place();
    complete();
  }

  // The journal goes last: what is stopped before is done again by a resumed run.
  void complete() {
    if (options_.on_complete) options_.on_complete();
    if (is_resumable()) journal_.remove();
  }

  // Closes everything, with what can be resumed; where nothing was done, nothing is left.
  void leave() {
    store_.abandon();
    if (!is_resumable() && has_begun_errors_) errors_->put_in_place();
    if (is_resumable() && is_begun_ && journal_.stored_entries() == 0) {
      if (number_of(files_.part) == part_number_) std::remove(files_.part.c_str());  // else it isn't ours
      if (has_begun_errors_) std::remove(errors_files_.part.c_str());                // likewise
      journal_.remove();
    }
    if (errors_) errors_->abandon();
    journal_.close();
  }

  void leave_after_failure() {
    try {
      leave();
    } catch (...) {
      // As in keep().
    }
  }

  void count_left_out() {
    totals_.skipped = inputs_.skipped();
    totals_.of_other_shards = inputs_.of_other_shards();
  }

  bool look_on() {
    count_left_out();
    if (watch_ && !watch_(totals_)) end(JobEnd::kInterrupted);
    return totals_.end == JobEnd::kComplete;
  }

  void end(JobEnd reason) {
    if (totals_.end == JobEnd::kComplete) totals_.end = reason;
    inputs_.stop();  // they may be waiting for a list to go on
  }

  Predictor& predictor_;
  ImageFiles& inputs_;
  RecordStore& store_;
  const JobOptions& options_;
  const JobWatch& watch_;
  const JobFiles files_;
  Journal journal_;
  JobFiles errors_files_;
  std::unique_ptr<RecordStore> errors_;
  bool was_complete_ = false;      // before this run
  bool is_begun_ = false;          // with the first input
  bool has_begun_errors_ = false;  // likewise; until then another run may have their file
  FileNumber part_number_;
  JobTotals totals_;
  JobSink* sink_ = nullptr;
};

}  // namespace

const char* to_string(JobEnd end) {
  switch (end) {
    case JobEnd::kComplete:
      return "complete";
    case JobEnd::kMaxErrors:
      return "max_errors";
    case JobEnd::kInterrupted:
      return "interrupted";
  }
  return "unknown";
}

JobTotals run_job(Predictor& predictor, ImageFiles& files, RecordStore& store, const JobOptions& options,
                  const JobWatch& watch) {
  const Settings& settings = predictor.config().settings();
  std::vector<std::string> read = files_of_model(settings.cls_model_path, settings.cls_params_path);
  read.push_back(settings.label_path);
  for (const std::string& path : {options.output_path, options.errors_path}) require_not_read(path, read);
  return Job(predictor, files, store, options, watch).run();
}

}  // namespace ppinfer
