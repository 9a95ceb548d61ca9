// The stores of text, JSON Lines and CSV: in a part that commit() renames, or directly on a pipe or device.
#include "run/record_stores.h"

#include <unistd.h>

#include <cerrno>
#include <optional>
#include <utility>

#include "output/output_file.h"
#include "output/record_text.h"
#include "ppinfer/error.h"
#include "ppinfer/growing_file.h"
#include "run/record_scan.h"

namespace ppinfer {
namespace {

class PartStore : public RecordStore {
 public:
  using WriteOutput = std::function<void(const std::string& part_path)>;

  // `write_output`: that of RunOptions.
  PartStore(const RunFiles& files, RecordFormat format, PostprocessOp op, WriteOutput write_output = {})
      : output_(files.output), part_(files.part), format_(format), op_(op), write_output_(std::move(write_output)) {
    // Before any work is done, not at its end.
    if (::access(output_.c_str(), W_OK) != 0 && errno != ENOENT) throw_write_failure(output_, errno, true);
  }

  void visit(const std::function<bool(const KeptRecord&)>& visit) override {
    if (!part_.is_open() && ::access(part_.path().c_str(), F_OK) != 0) return;
    open();
    scan_records(part_, format_, op_,
                 [&](std::string_view record, std::int64_t) { return visit(read_record(record, format_)); });
  }

  std::string path_text(const std::string& path) const override { return ppinfer::path_text(path, format_); }

  void truncate(std::int64_t count) override {
    open();
    std::int64_t bytes = 0;
    if (count > 0) {
      scan_records(part_, format_, op_, [&](std::string_view, std::int64_t end) {
        bytes = end;
        return --count > 0;
      });
    }
    part_.truncate(bytes);
    if (bytes > 0 || !is_csv(format_)) return;
    append_csv_header(op_, part_.buffer());
    part_.flush();
  }

  void write(const Result& result) override { append_record(result, format_, op_, part_.buffer()); }
  bool full() const override { return part_.full(); }
  void flush() override { part_.flush(); }

  void commit() override {
    if (write_output_) {
      part_.require_presence();
      write_output_(part_.path());
      return part_.remove();
    }
    part_.sync();
    part_.rename_to(output_);
  }

  void close() override { part_.close(); }

 private:
  void open() {
    if (!part_.is_open()) part_.open();
  }

  const std::string output_;
  GrowingFile part_;
  const RecordFormat format_;
  const PostprocessOp op_;
  const WriteOutput write_output_;
};

// A pipe, a device, standard output.
class DirectStore : public RecordStore {
 public:
  // `copy_path`: that of RunOptions.
  DirectStore(const std::string& path, RecordFormat format, PostprocessOp op, const std::string& copy_path)
      : file_(path), format_(format), op_(op) {
    if (!copy_path.empty()) {
      copy_.emplace(copy_path).open();
      copy_->truncate(0);
    }
    if (!is_csv(format_)) return;
    append_csv_header(op_, file_.buffer());
    file_.flush();
  }

  void visit(const std::function<bool(const KeptRecord&)>&) override {}
  void truncate(std::int64_t) override {}
  void write(const Result& result) override {
    append_record(result, format_, op_, file_.buffer());
    if (copy_) append_record(result, RecordFormat::kJsonl, op_, copy_->buffer());
  }
  bool full() const override { return file_.full(); }
  void flush() override {
    file_.flush();
    if (copy_) copy_->flush();
  }
  bool flush_what_fits() override {
    if (copy_) copy_->flush();
    return file_.flush_what_fits();
  }
  void commit() override { file_.close(); }
  void close() override { file_.close(); }

 private:
  OutputFile file_;
  std::optional<GrowingFile> copy_;
  const RecordFormat format_;
  const PostprocessOp op_;
};

}  // namespace

std::unique_ptr<RecordStore> make_part_store(const RunFiles& files, RecordFormat format, PostprocessOp op) {
  return std::make_unique<PartStore>(files, format, op);
}

std::unique_ptr<RecordStore> make_record_store(const RunOptions& options, PostprocessOp op) {
  const RunFiles files = run_files(options.output_path);
  if (files.part.empty()) return std::make_unique<DirectStore>(files.output, options.format, op, options.copy_path);
  return std::make_unique<PartStore>(files, options.format, op, options.write_output);
}

}  // namespace ppinfer
