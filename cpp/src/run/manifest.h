// The file beside an unfinished output that states the config, model and inputs of its records.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "ppinfer/growing_file.h"
#include "ppinfer/run.h"

namespace ppinfer {

// A bad image of a run that moves bad images at its end.
struct BadImage {
  std::string path;   // empty: the file stays
  std::string file;   // distinguishes the file from a later one with the same path
  std::string stays;  // or the reason why it stays
};

// Lines of JSON. A "starting" line (a run is about to begin; the content of the part is then useless) and an identity
// line (the run's id and identity) replace all lines before. Lines of bad images, and the line of the counts after all
// inputs have their records, add to the identity. Lines are only appended: whenever the process is killed, the last
// complete line is valid. For one thread at a time. Throws RuntimeFailure.
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
  bool is_whole() const { return is_whole_; }
  bool is_starting() const { return is_starting_; }  // a run was stopped between announce() and begin()
  bool is_foreign() const { return is_foreign_; }    // somebody else's file: it doesn't begin as a manifest
  // As shown(): bytes that aren't UTF-8 are spelled out.
  const RunIdentity& identity() const { return identity_; }
  static std::string make_run_id();  // 32 random hexadecimal digits
  // Id of the run that announced or began this manifest; the name of its errors part has the first digits. Empty: no
  // run.
  const std::string& run_id() const { return run_id_; }
  const std::optional<Counts>& complete() const { return complete_; }
  std::int64_t bad_images() const { return bad_images_; }

  void announce(std::string run_id);        // the part is about to be emptied
  void begin(const RunIdentity& identity);  // it is empty; `identity` as shown()
  void mark_complete(const Counts& counts);
  void add(const BadImage& image);  // is there after flush()
  void flush();
  void keep_bad_images(std::int64_t count);  // the first `count`
  void visit_bad_images(const std::function<void(const BadImage&)>& visit) const;
  void close() { file_.close(); }
  void remove() { file_.remove(); }

 private:
  void read(std::string_view line, std::int64_t end);
  void append(const std::string& line);

  GrowingFile file_;
  std::string run_id_;
  RunIdentity identity_;
  std::optional<Counts> complete_;
  std::int64_t whole_bytes_ = 0;     // of the file's whole lines
  std::int64_t identity_bytes_ = 0;  // of these to the end of the identity
  std::int64_t bad_images_ = 0;
  bool is_whole_ = false;
  bool is_starting_ = false;
  bool is_foreign_ = false;
};

}  // namespace ppinfer
