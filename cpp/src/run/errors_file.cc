#include "run/errors_file.h"

#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "core/message_text.h"
#include "ppinfer/error.h"
#include "ppinfer/growing_file.h"
#include "run/run_file_status.h"

namespace ppinfer {
namespace {

constexpr std::size_t kPartIdDigits = 8;  // of the run's 32: one in 4 billion runs has the same
constexpr const char* kPart = ".part";

// Of what may not be there yet; "./out" is "out".
bool is_same_name(const std::string& one, const std::string& other) {
  std::error_code unresolved;
  const auto resolved = std::filesystem::weakly_canonical(std::filesystem::absolute(one, unresolved), unresolved);
  return resolved == std::filesystem::weakly_canonical(std::filesystem::absolute(other, unresolved), unresolved);
}

std::string part_of(const std::string& output, const std::string& run_id) {
  return output + "." + (run_id.empty() ? "direct" : run_id.substr(0, kPartIdDigits)) + kPart;
}

bool is_part_of(const std::string& output, const std::string& name) {
  const std::string file = std::filesystem::path(output).filename().string();
  const std::string start = file + ".", end = kPart;
  if (name == file + end) return true;  // of a run whose output it is
  if (name.size() < start.size() + end.size() || name.compare(0, start.size(), start) != 0 ||
      name.compare(name.size() - end.size(), end.size(), end) != 0) {
    return false;
  }
  const std::string id = name.substr(start.size(), name.size() - start.size() - end.size());
  return id == "direct" ||
         (id.size() == kPartIdDigits && id.find_first_not_of("0123456789abcdef") == std::string::npos);
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
    : options_(options), files_(run_files(options.errors_path)), is_resumable_(!run.part.empty()), op_(op) {
  if (files_.part.empty()) refuse("");
  if (is_same_name(files_.output, run.output)) refuse(", and " + files_.output + " is the output of all records");
  if (is_resumable_ && (is_same_name(files_.output, run.part) || is_same_name(files_.output, run.manifest))) {
    refuse(", and " + files_.output + " is the run's part file");
  }
  format_ = find_format();
}

void ErrorsFile::refuse(const std::string& reason) const {
  throw ConfigError({"--errors " + options_.errors_path + ": expected a file for error records only" + reason});
}

RecordFormat ErrorsFile::find_format() const {
  try {
    const std::string format = format_from_extension(options_.errors_path);
    return format.empty() ? options_.format : parse_record_format(format);
  } catch (const ConfigError&) {  // Parquet, or an unknown extension
    throw ConfigError({"--errors " + options_.errors_path + ": expected .txt, .jsonl or .csv"});
  }
}

std::unique_ptr<RecordStore> ErrorsFile::store_of(const std::string& run_id) {
  files_.part = part_of(files_.output, run_id);
  return make_part_store(files_, format_, op_);
}

// Or the one that ends first would lose its errors to the other. Called with the own part locked, so that of two runs
// that begin at the same time at least one finds the other.
void ErrorsFile::require_only_writer() const {
  const std::filesystem::path own = files_.part;
  const std::filesystem::path folder = own.has_parent_path() ? own.parent_path() : ".";
  std::error_code unreadable;  // a folder that can't be listed shows no run
  for (const auto& entry : std::filesystem::directory_iterator(folder, unreadable)) {
    const std::string name = entry.path().filename().string();
    if (is_part_of(files_.output, name) && name != own.filename()) GrowingFile::require_free(entry.path().string());
  }
}

void ErrorsFile::begin(const std::string& run_id) {
  std::unique_ptr<RecordStore> store = store_of(run_id);
  store->truncate(0);
  try {
    require_only_writer();
  } catch (...) {
    std::remove(files_.part.c_str());
    throw;
  }
  store_ = std::move(store);
}

std::int64_t ErrorsFile::find(const std::string& run_id) {
  store_ = store_of(run_id);
  const std::int64_t found = count_of(*store_);
  require_only_writer();
  return found;
}

void ErrorsFile::discard(const std::string& run_id) const {
  if (!run_id.empty()) std::remove(part_of(files_.output, run_id).c_str());
}

void ErrorsFile::finish(const std::string& run_id, std::int64_t errors) {
  if (!exists(part_of(files_.output, run_id))) return;
  const std::int64_t found = find(run_id);
  if (found < errors) {
    throw ConfigError({files_.part + " has " + counted(found, "record") + " of the " + std::to_string(errors) +
                       " errors of the stopped run: restore the file, or start over with --force"});
  }
  truncate(errors);
  commit();
}

void ErrorsFile::leave(bool has_nothing) {
  if (!store_) return;
  if (!is_resumable_) store_->commit();
  if (has_nothing) std::remove(files_.part.c_str());
  store_->close();
}

}  // namespace ppinfer
