// The stores of text, JSON Lines and CSV: in a part that is put in place, and on what can only be written to.
#include "job/record_stores.h"

#include <unistd.h>

#include <cerrno>
#include <limits>

#include "job/growing_file.h"
#include "job/line_scan.h"
#include "output/output_file.h"
#include "output/record_text.h"
#include "ppinfer/error.h"

namespace ppinfer {
namespace {

constexpr std::int64_t kAll = std::numeric_limits<std::int64_t>::max();

class PartStore : public RecordStore {
 public:
  PartStore(const JobFiles& files, RecordFormat format, PostprocessOp op)
      : output_(files.output), part_(files.part), format_(format), op_(op) {
    // Before any work is done, not at its end.
    if (::access(output_.c_str(), W_OK) != 0 && errno != ENOENT) throw_write_failure(output_, errno, true);
  }

  std::int64_t records() override {
    if (!part_.is_open() && ::access(part_.path().c_str(), F_OK) != 0) return 0;
    open();
    return scan_records(part_, format_, op_, kAll).records;
  }

  void cut(std::int64_t count) override {
    open();
    const ScannedRecords kept = count > 0 ? scan_records(part_, format_, op_, count) : ScannedRecords();
    part_.cut(kept.bytes);
    if (kept.bytes > 0 || !is_csv(format_)) return;
    append_csv_header(op_, part_.buffer());
    part_.flush();
  }

  void write(const Result& result) override { append_record(result, format_, op_, part_.buffer()); }
  bool full() const override { return part_.full(); }
  void flush() override { part_.flush(); }

  void put_in_place() override {
    part_.sync();
    part_.rename_to(output_);
  }

  void abandon() override { part_.close(); }

 private:
  void open() {
    if (!part_.is_open()) part_.open();
  }

  const std::string output_;
  GrowingFile part_;
  const RecordFormat format_;
  const PostprocessOp op_;
};

class DirectErrorsStore : public RecordStore {
 public:
  DirectErrorsStore(const JobFiles& files, RecordFormat format, PostprocessOp op)
      : own_({files.output, files.output + ".direct.part", ""}, format, op),
        held_(files.part),
        format_(format),
        op_(op) {}

  std::int64_t records() override {
    if (!held_.is_open() && ::access(held_.path().c_str(), F_OK) != 0) return 0;
    hold();
    return scan_records(held_, format_, op_, kAll).records;
  }

  void cut(std::int64_t) override {
    hold();
    held_.cut(0);
    own_.cut(0);
  }

  void write(const Result& result) override { own_.write(result); }
  bool full() const override { return own_.full(); }
  void flush() override { own_.flush(); }

  void put_in_place() override {
    own_.put_in_place();
    held_.remove();
  }

  void abandon() override {
    own_.abandon();
    held_.close();
  }

 private:
  void hold() {
    if (!held_.is_open()) held_.open();
  }

  PartStore own_;
  GrowingFile held_;
  const RecordFormat format_;
  const PostprocessOp op_;
};

// A pipe, a device, standard output.
class DirectStore : public RecordStore {
 public:
  DirectStore(const std::string& path, RecordFormat format, PostprocessOp op) : file_(path), format_(format), op_(op) {
    if (!is_csv(format_)) return;
    append_csv_header(op_, file_.buffer());
    file_.flush();
  }

  std::int64_t records() override { return 0; }
  void cut(std::int64_t) override {}
  void write(const Result& result) override { append_record(result, format_, op_, file_.buffer()); }
  bool full() const override { return file_.full(); }
  void flush() override { file_.flush(); }
  bool flush_what_fits() override { return file_.flush_what_fits(); }
  void put_in_place() override { file_.close(); }
  void abandon() override { file_.close(); }

 private:
  OutputFile file_;
  const RecordFormat format_;
  const PostprocessOp op_;
};

}  // namespace

std::unique_ptr<RecordStore> make_record_store(const std::string& output_path, RecordFormat format, PostprocessOp op) {
  const JobFiles files = job_files(output_path);
  if (files.part.empty()) return std::make_unique<DirectStore>(files.output, format, op);
  return std::make_unique<PartStore>(files, format, op);
}

std::unique_ptr<RecordStore> make_direct_errors_store(const std::string& path, RecordFormat format, PostprocessOp op) {
  return std::make_unique<DirectErrorsStore>(job_files(path), format, op);
}

}  // namespace ppinfer
