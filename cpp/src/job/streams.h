// What stands between a job's inputs and the lanes, and between the lanes and what the job writes.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <vector>

#include "job/error_limit.h"
#include "job/input_facts.h"
#include "job/journal.h"
#include "ppinfer/job.h"

namespace ppinfer {

// Facts of the inputs that are in flight, in their order. Keeps its memory. For any threads.
class FactsInFlight {
 public:
  void push(const InputFacts& facts);
  InputFacts pop();  // the oldest; there is one

 private:
  std::mutex mutex_;
  std::vector<InputFacts> ring_ = std::vector<InputFacts>(256);
  std::size_t first_ = 0;
  std::size_t count_ = 0;
};

// The job's inputs, whose facts are noted as they pass, until stop().
class JobSource : public ImageSource {
 public:
  JobSource(ImageFiles& files, FactsInFlight& in_flight) : files_(files), in_flight_(in_flight) {}
  bool next(ImageInput& input) override;
  bool is_ready() override { return files_.is_ready(); }
  void stop() override {
    ended_ = true;
    files_.stop();
  }

 private:
  ImageFiles& files_;
  FactsInFlight& in_flight_;
  std::atomic<bool> ended_{false};
};

// Records to the store, those of errors to another store too, and a note of each to the journal. What is kept back goes
// out in this order: errors, records, notes. So a record that is noted is there, and so is its error.
class JobSink : public ResultSink {
 public:
  // `source` ends when the errors, with those of `before`, exceed `limit`.
  JobSink(RecordStore& store, RecordStore* errors, Journal* journal, FactsInFlight& in_flight, JobSource& source,
          const ErrorLimit& limit, const JobTotals& before)
      : store_(store),
        errors_(errors),
        journal_(journal),
        in_flight_(in_flight),
        source_(source),
        limit_(limit),
        images_done_(before.done_before),
        errors_done_(before.errors_before) {}

  void write(const Result& result) override;
  // Unless a record is being written at this moment, or it was done not long ago. Waits for no reader.
  void flush_if_due();
  void flush();
  bool exceeds_limit() const { return exceeds_limit_; }

 private:
  using Clock = std::chrono::steady_clock;
  bool is_due() const;
  void flush_locked(bool may_wait);

  RecordStore& store_;
  RecordStore* const errors_;  // or null
  Journal* const journal_;     // null: nothing is resumed from this output
  FactsInFlight& in_flight_;
  JobSource& source_;
  const ErrorLimit limit_;
  std::atomic<bool> exceeds_limit_{false};
  std::mutex mutex_;  // guards the stores, the journal and what follows
  std::int64_t images_done_;
  std::int64_t errors_done_;
  bool failed_ = false;
  Clock::time_point last_flush_ = Clock::now();
};

}  // namespace ppinfer
