// What the records of a run go into.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "output/kept_record.h"
#include "ppinfer/predictor.h"
#include "ppinfer/run.h"

namespace ppinfer {

// For one thread at a time; throws RuntimeFailure.
class RecordStore : public ResultSink {
 public:
  // Calls `visit` for each whole record that a stopped run has left, from the first on, while it returns true.
  virtual void visit(const std::function<bool(const KeptRecord&)>& visit) = 0;
  // An input's path as a KeptRecord holds it.
  virtual std::string path_text(const std::string& path) const { return path; }
  // Keeps the first `count` of these, drops what follows, and makes ready for more; 0 starts over. Called once, before
  // the first write().
  virtual void truncate(std::int64_t count) = 0;
  // write() may keep records back: those count as done only after flush(), which hands them to the system.
  virtual bool full() const = 0;  // so much is kept back that a flush() is due
  virtual void flush() = 0;
  // As flush(), but where somebody reads what is written, such as a pipe, only what is taken without waiting. True:
  // that was all.
  virtual bool flush_what_fits() {
    flush();
    return true;
  }
  virtual void commit() = 0;  // after the last flush(): makes the output of what is there
  virtual void close() = 0;   // instead: leaves what a resumed run continues
};

// That of a run's records; also for an output that is not a regular file, which is opened at once. Throws
// RuntimeFailure.
std::unique_ptr<RecordStore> make_record_store(const RunOptions& options, PostprocessOp op);
// That of the records of a run's errors.
std::unique_ptr<RecordStore> make_errors_store(const std::string& path, RecordFormat format, PostprocessOp op);
// For the errors of a run that nothing can be resumed from. Its part has a name of its own, PATH.direct.part, so that
// what a killed run leaves isn't taken for records that another one goes on from. The part of the usual name, of which
// visit() tells, is held meanwhile, empty, so that other runs keep away from the file.
std::unique_ptr<RecordStore> make_direct_errors_store(const std::string& path, RecordFormat format, PostprocessOp op);

// write_records() into a store that the caller has made, which is that of options.output_path.
RunSummary write_records_into(RecordStore& store, Predictor& predictor, ImageFiles& files, const RunOptions& options,
                              const ProgressCallback& on_progress = {});

}  // namespace ppinfer
