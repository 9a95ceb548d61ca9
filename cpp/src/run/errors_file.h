// The file that the records of a run's errors go to as well.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "ppinfer/run.h"
#include "run/record_stores.h"

namespace ppinfer {

// Until the run commits it, the records are in a part whose name holds the run's id: PATH.ID.part. So a part is found
// by the run that began it, and by no other. A run that can't be resumed has no id: its part is PATH.direct.part, and
// what a killed one leaves there is overwritten by the next.
class ErrorsFile {
 public:
  // Of options.errors_path, which isn't empty; `run`: the run's own files. Throws ConfigError: the path isn't a regular
  // file, is a file of the run, or has an extension that means no format, such as .parquet or .cvs. Other extensions
  // mean the format of the output.
  ErrorsFile(const RunOptions& options, const RunFiles& run, PostprocessOp op);

  RecordStore* store() const { return store_.get(); }  // after begin() or find()

  // Makes the part. Throws RuntimeFailure: it can't be made, or another run is writing errors for the same file.
  void begin(const std::string& run_id);
  // Takes the part of the stopped run instead, which truncate() opens for more, and returns the number of its records.
  // Throws as begin().
  std::int64_t find(const std::string& run_id);
  void truncate(std::int64_t errors) { store_->truncate(errors); }
  // Removes the part of a run that is started over; nothing where that has none.
  void discard(const std::string& run_id) const;
  void commit() { store_->commit(); }
  // Commits the errors of a run that was killed after it committed its records. Does nothing if they are committed.
  // Throws ConfigError: the part lacks some of the `errors`.
  void finish(const std::string& run_id, std::int64_t errors);
  // Closes the part. Commits the part of a run that can't be resumed. `has_nothing`: the run wrote no record, so the
  // part is removed.
  void leave(bool has_nothing);

 private:
  [[noreturn]] void refuse(const std::string& reason) const;
  RecordFormat find_format() const;
  std::unique_ptr<RecordStore> store_of(const std::string& run_id);
  void require_only_writer() const;

  const RunOptions& options_;
  RunFiles files_;  // its part once there is a store
  const bool is_resumable_;
  const PostprocessOp op_;
  RecordFormat format_ = RecordFormat::kJsonl;
  std::unique_ptr<RecordStore> store_;
};

}  // namespace ppinfer
