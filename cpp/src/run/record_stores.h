// What the records of a run go into.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "output/kept_record.h"
#include "ppinfer/predictor.h"
#include "ppinfer/run.h"

namespace ppinfer {

// Stores a run's records. For one thread at a time. Throws RuntimeFailure.
class RecordStore : public ResultSink {
 public:
  // Calls `visit` for each complete record of a stopped run, from the first on, while `visit` returns true.
  virtual void visit(const std::function<bool(const KeptRecord&)>& visit) = 0;
  // An input's path in the form of KeptRecord::path.
  virtual std::string path_text(const std::string& path) const { return path; }
  // Keeps the first `count` records, removes the others, and prepares for writing; 0 starts over. Called once, before
  // the first write().
  virtual void truncate(std::int64_t count) = 0;
  // write() may buffer records; buffered records count as done only after flush(), which passes them to the system.
  virtual bool full() const = 0;  // the buffer is large enough for a flush()
  virtual void flush() = 0;
  // As flush(), but writes to a pipe only the bytes that its reader accepts without waiting. True: the buffer is empty.
  virtual bool flush_what_fits() {
    flush();
    return true;
  }
  virtual void commit() = 0;  // after the last flush(): turns the records into the output
  virtual void close() = 0;   // instead of commit(): keeps the records for a resumed run
};

// The store of a run's records. Opens an output that is not a regular file at once. Throws RuntimeFailure.
std::unique_ptr<RecordStore> make_record_store(const RunOptions& options, PostprocessOp op);
// Keeps the records in files.part, which becomes files.output. Throws RuntimeFailure if an output exists that may not
// be written.
std::unique_ptr<RecordStore> make_part_store(const RunFiles& files, RecordFormat format, PostprocessOp op);

// As write_records(), with the caller's store of options.output_path, and without the check that the run reads no file
// that it writes.
RunSummary write_records_into(RecordStore& store, Predictor& predictor, ImageFiles& files, const RunOptions& options,
                              const ProgressCallback& on_progress = {});

}  // namespace ppinfer
