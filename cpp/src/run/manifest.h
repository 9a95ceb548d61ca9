// The file beside an unfinished output that says what its records were made by.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "ppinfer/run.h"
#include "run/growing_file.h"

namespace ppinfer {

// One line of JSON with the run's id and identity; once all inputs have their records, another one with the
// counts.
// For one thread at a time. Throws RuntimeFailure.
class Manifest {
 public:
  struct Counts {
    std::int64_t images = 0;
    std::int64_t errors = 0;
  };

  explicit Manifest(std::string path) : file_(std::move(path)) {}

  // Locks it for this run, until close() or remove(), and reads what a stopped run has left.
  void open();
  bool is_empty() const { return file_.bytes() == 0; }
  bool is_whole() const { return !run_id_.empty(); }
  bool is_foreign() const { return is_foreign_; }  // somebody else's file: it doesn't begin as a manifest
  // As shown(): bytes that aren't UTF-8 are spelled out.
  const RunIdentity& identity() const { return identity_; }
  // 32 random hexadecimal digits of the run that began it: other files of that run hold them, too.
  const std::string& run_id() const { return run_id_; }
  const std::optional<Counts>& complete() const { return complete_; }

  void begin(const RunIdentity& identity);  // `identity` as shown()
  void mark_complete(const Counts& counts);
  void close() { file_.close(); }
  void remove() { file_.remove(); }

 private:
  void read(const std::string& content);

  GrowingFile file_;
  RunIdentity identity_;
  std::string run_id_;
  std::optional<Counts> complete_;
  bool is_foreign_ = false;
};

}  // namespace ppinfer
