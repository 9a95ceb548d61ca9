// The file beside an unfinished output that says what its records were made by.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "ppinfer/run.h"
#include "run/growing_file.h"

namespace ppinfer {

// Lines of JSON. Each line replaces the lines before: the run is about to begin (the content of the part is then
// useless), the run's id and identity, and the counts after all inputs have their records. Lines are only appended:
// whenever the process is killed, the last complete line is valid. For one thread at a time. Throws RuntimeFailure.
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
  bool is_starting() const { return is_starting_; }  // a run was stopped between announce() and begin()
  bool is_foreign() const { return is_foreign_; }    // somebody else's file: it doesn't begin as a manifest
  // As shown(): bytes that aren't UTF-8 are spelled out.
  const RunIdentity& identity() const { return identity_; }
  // 32 random hexadecimal digits of the run that began it: other files of that run hold them, too.
  const std::string& run_id() const { return run_id_; }
  const std::optional<Counts>& complete() const { return complete_; }

  void announce();                          // the part is about to be emptied
  void begin(const RunIdentity& identity);  // it is empty; `identity` as shown()
  void mark_complete(const Counts& counts);
  void close() { file_.close(); }
  void remove() { file_.remove(); }

 private:
  void read(const std::string& line);
  void append(const std::string& line);

  GrowingFile file_;
  RunIdentity identity_;
  std::string run_id_;
  std::optional<Counts> complete_;
  std::int64_t whole_bytes_ = 0;  // of the file's whole lines
  bool is_starting_ = false;
  bool is_foreign_ = false;
};

}  // namespace ppinfer
