// Takes a run's results from the lanes.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>

#include "ppinfer/run.h"
#include "run/bad_images.h"
#include "run/class_sorter.h"
#include "run/record_stores.h"

namespace ppinfer {

// What becomes of the images' files; null: nothing.
struct ImageFileSinks {
  ClassSorter* sorter = nullptr;
  BadImages* bad_images = nullptr;
};

// Records to the store, those of errors to another store too. Flush order: bad images, errors, records; a good
// image is sorted before. So an image with a record has everything else.
class RunSink : public ResultSink {
 public:
  // `is_file`: a flush waits for no reader. `source` is stopped when the errors, with those of `before`, exceed
  // `limit`.
  RunSink(RecordStore& store, RecordStore* errors, bool is_file, ImageSource& source, const ErrorLimit& limit,
          const RunSummary& before, ImageFileSinks images_to = {})
      : store_(store),
        errors_(errors),
        is_file_(is_file),
        source_(source),
        images_to_(images_to),
        limit_(limit),
        images_(before.done_before),
        errors_count_(before.errors_before) {}

  void write(const Result& result) override;
  // Flushes if 0.4 s have passed since the last flush and no record is being written. Does not wait for a pipe's
  // reader.
  void flush_if_due();
  void flush();
  bool exceeds_limit() const { return exceeds_limit_; }

 private:
  using Clock = std::chrono::steady_clock;
  bool is_due() const;
  void flush_locked(bool may_wait);

  RecordStore& store_;
  RecordStore* const errors_;  // or null
  const bool is_file_;
  ImageSource& source_;
  const ImageFileSinks images_to_;
  const ErrorLimit limit_;
  std::atomic<bool> exceeds_limit_{false};
  std::mutex mutex_;  // guards the stores and what follows
  std::int64_t images_;
  std::int64_t errors_count_;
  bool failed_ = false;
  Clock::time_point last_flush_ = Clock::now();
};

}  // namespace ppinfer
