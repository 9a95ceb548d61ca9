#include "config/paths.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <vector>

#include "core/message_text.h"
#include "core/stand_in.h"
#include "core/text_encoding.h"
#include "ppinfer/error.h"

namespace ppinfer {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFirstReadBytes = 1 << 14;
constexpr std::size_t kMaxEntriesCompared = 10000;  // a guess at a name isn't worth walking a huge folder

std::vector<std::string> entries_of(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  fs::directory_iterator entry(folder.empty() ? "." : folder, error);
  for (; !error && entry != fs::directory_iterator() && names.size() < kMaxEntriesCompared; entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  return names;
}

fs::path without_last_slash(const fs::path& path) { return path.has_filename() ? path : path.parent_path(); }

// Says which part of the path is missing: the file, or the first folder on the way to it.
std::string missing_problem(const std::string& path, PathKind kind) {
  const std::string what = kind == PathKind::kFile ? "no such file" : "no such folder";
  fs::path missing = without_last_slash(path);
  bool is_last = true;
  while (missing.has_parent_path() && !is_folder(missing.parent_path()) && missing.has_relative_path()) {
    missing = missing.parent_path();
    is_last = false;
  }
  const std::string hint = did_you_mean(missing.filename().string(), entries_of(missing.parent_path()));
  return path + ": " + what + (is_last ? hint : ": no such folder: " + missing.string() + hint);
}

}  // namespace

std::string path_from(const std::string& folder, const std::string& path) {
  if (path.empty()) return path;
  fs::path joined(folder);
  for (const fs::path& part : fs::path(path)) {
    if (part != ".") joined /= part;
  }
  return joined.empty() ? "." : joined.string();
}

bool is_there(const std::string& path) {
  std::error_code error;
  return fs::exists(path, error);
}

bool is_folder(const std::string& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

std::string parent_folder(const std::string& path) { return fs::path(path).parent_path().string(); }
std::string file_name(const std::string& path) { return fs::path(path).filename().string(); }

std::string path_problem(const std::string& path, PathKind kind) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) {
    std::error_code link_error;
    if (fs::is_symlink(fs::symlink_status(path, link_error))) return path + ": is a broken link";
    return missing_problem(path, kind);
  }
  if (!fs::status_known(status)) return path + ": " + error.message();
  const bool folder = fs::is_directory(status);
  if (kind == PathKind::kFolder) return folder ? "" : path + ": is a file, expected a folder";
  if (folder) return path + ": is a folder, expected a file";
  if (!fs::is_regular_file(status)) return path + ": is not a regular file";
  return access(path.c_str(), R_OK) == 0 ? "" : path + ": " + std::strerror(errno);
}

std::string read_text_file(const std::string& path, std::size_t max_bytes) {
  const std::string problem = path_problem(path, PathKind::kFile);
  if (!problem.empty()) throw ConfigError({problem});
  const std::string stand_in = stand_in_problem(path);
  if (!stand_in.empty()) throw ConfigError({path + ": " + stand_in});
  std::ifstream file(path, std::ios::binary);
  if (!file) throw ConfigError({path + ": cannot be opened"});
  std::string text;
  while (file && text.size() <= max_bytes) {  // memory for what is there, not for what may be at most
    const std::size_t read_bytes = text.size();
    text.resize(std::min(max_bytes + 1, read_bytes + std::max(read_bytes, kFirstReadBytes)));
    file.read(text.data() + read_bytes, static_cast<std::streamsize>(text.size() - read_bytes));
    text.resize(read_bytes + static_cast<std::size_t>(file.gcount()));
  }
  if (file.bad()) throw ConfigError({path + ": reading failed"});
  if (text.size() > max_bytes) {
    throw ConfigError(
        {path + ": is longer than " + std::to_string(max_bytes) + " bytes, the limit for this kind of file"});
  }
  if (text.find('\0') != std::string::npos) throw ConfigError({path + ": " + encoding_problem(text)});
  return text;
}

}  // namespace ppinfer
