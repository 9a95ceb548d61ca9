#include "run/errors_file.h"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>

#include "core/message_text.h"
#include "output/output_file.h"
#include "ppinfer/error.h"
#include "run/run_file_status.h"

namespace ppinfer {
namespace {

// Of what may not be there yet; "./out" is "out".
bool is_same_name(const std::string& one, const std::string& other) {
  std::error_code unresolved;
  const auto resolved = std::filesystem::weakly_canonical(std::filesystem::absolute(one, unresolved), unresolved);
  return resolved == std::filesystem::weakly_canonical(std::filesystem::absolute(other, unresolved), unresolved);
}

std::int64_t count_of(RecordStore& store) {
  std::int64_t records = 0;
  store.visit([&](const KeptRecord&) {
    ++records;
    return true;
  });
  return records;
}

}  // namespace

ErrorsFile::ErrorsFile(const RunOptions& options, const RunFiles& run, PostprocessOp op)
    : options_(options), files_(run_files(options.errors_path)), is_resumable_(!run.part.empty()) {
  if (files_.part.empty()) refuse("");
  for (const std::string& name : {files_.output, files_.part}) {
    if (is_same_name(name, run.output)) refuse(", and " + name + " is the output of all records");
    if (!is_resumable_) continue;
    if (is_same_name(name, run.part) || is_same_name(name, run.manifest)) {
      refuse(", and " + name + " is where the run keeps what it has done so far");
    }
  }
  const auto make = is_resumable_ ? make_errors_store : make_direct_errors_store;
  store_ = make(options.errors_path, format(), op);
}

void ErrorsFile::refuse(const std::string& reason) const {
  throw ConfigError({"--errors " + options_.errors_path + ": expected a file for records of errors alone" + reason});
}

RecordFormat ErrorsFile::format() const {
  try {
    const std::string told = format_from_extension(options_.errors_path);
    return told.empty() ? options_.format : parse_record_format(told);
  } catch (const ConfigError&) {  // of Parquet, say, or of nothing
    throw ConfigError({"--errors " + options_.errors_path + ": expected .txt, .jsonl or .csv"});
  }
}

void ErrorsFile::require_own() const {
  const std::int64_t found = count_of(*store_);
  if (!exists(files_.part) || is_empty(files_.part)) return;
  const std::string what = found > 0 ? counted(found, "record") : "something";  // of another format, say
  throw ConfigError({files_.part + " holds " + what + " of a stopped run with another output: choose another " +
                     "--errors, or start over with --force"});
}

void ErrorsFile::begin() {
  store_->truncate(0);
  has_begun_ = true;
}

void ErrorsFile::find(std::int64_t errors, bool is_complete) {
  if (is_complete && !exists(files_.part) && exists(files_.output) &&
      std::rename(files_.output.c_str(), files_.part.c_str()) != 0) {
    throw_write_failure(files_.part, errno, true);
  }
  const std::int64_t found = count_of(*store_);
  if (found >= errors) return;
  throw ConfigError({files_.part + " has " + counted(found, "record") + " of the " + std::to_string(errors) +
                     " errors of the stopped run: put it back as it was, or start over with --force"});
}

void ErrorsFile::leave(bool has_nothing) {
  if (!is_resumable_ && has_begun_) store_->commit();
  if (has_nothing && has_begun_) std::remove(files_.part.c_str());
  store_->close();
}

}  // namespace ppinfer
