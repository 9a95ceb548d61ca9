// The file that the records of a run's errors go to as well.
#pragma once

#include <cstdint>
#include <memory>

#include "ppinfer/run.h"
#include "run/record_stores.h"

namespace ppinfer {

class ErrorsFile {
 public:
  // Of options.errors_path, which isn't empty; `run`: the run's own files. Throws ConfigError: it isn't a file, or is
  // one of the run's, or its extension is of no format.
  ErrorsFile(const RunOptions& options, const RunFiles& run, PostprocessOp op);

  RecordStore* store() const { return store_.get(); }

  // Two outputs may be given one file for their errors, or one of them as that of another. Throws ConfigError: it holds
  // records of another run that was stopped.
  void require_own() const;
  void begin();
  // Throws ConfigError: it lacks some of the records of the stopped run's `errors`. `is_complete`: that run may have
  // put it in its place just before it was killed.
  void find(std::int64_t errors, bool is_complete);
  void truncate(std::int64_t errors) { store_->truncate(errors); }
  void commit() { store_->commit(); }
  // Closes it. What nobody can resume is committed; `has_nothing`: the run did nothing, and leaves nothing.
  void leave(bool has_nothing);

 private:
  [[noreturn]] void refuse(const std::string& reason) const;
  RecordFormat format() const;

  const RunOptions& options_;
  const RunFiles files_;
  const bool is_resumable_;
  std::unique_ptr<RecordStore> store_;
  bool has_begun_ = false;  // until then another run may have the file
};

}  // namespace ppinfer
