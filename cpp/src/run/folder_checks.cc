#include "run/folder_checks.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>

#include "input/glob.h"
#include "input/member_path.h"
#include "ppinfer/error.h"

namespace ppinfer {
namespace {

namespace fs = std::filesystem;

// Absolute, links followed as far as there is something.
fs::path real_path(const fs::path& path) {
  std::error_code unknown;
  const fs::path absolute = fs::absolute(path.empty() ? "." : path, unknown);
  const fs::path real = fs::weakly_canonical(absolute, unknown);
  const fs::path& found = unknown ? absolute : real;
  return found.has_filename() ? found : found.parent_path();
}

bool is_folder(const fs::path& path) {
  std::error_code unknown;
  return fs::is_directory(path, unknown);
}

// What of `path` comes after `folder`: empty where they are the same, nothing where it lies elsewhere.
std::optional<fs::path> path_within(const fs::path& path, const fs::path& folder) {
  const auto parted = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  if (parted.first != folder.end()) return std::nullopt;
  fs::path rest;
  for (auto part = parted.second; part != path.end(); ++part) rest /= *part;
  return rest;
}

// Of a path that is a pattern, since no file has this name.
std::optional<Glob> glob_of(const std::string& path) {
  std::error_code unknown;
  if (fs::exists(fs::symlink_status(path, unknown))) return std::nullopt;
  return parse_glob(path, true);
}

// Whether a walk over `path` comes to `folder`, or through it.
bool leads_into(const std::string& path, const fs::path& folder) {
  if (is_folder(path)) return path_within(folder, real_path(path)).has_value();
  const auto glob = glob_of(path);
  const auto rest = glob ? path_within(folder, real_path(glob->root)) : std::nullopt;
  if (!rest || rest->empty()) return false;
  fs::path place;
  for (const fs::path& part : *rest) {
    place /= part;
    if (glob->pattern.match(place.string(), true).here) return true;
  }
  return glob->pattern.match(rest->string(), true).beneath;
}

// Whether a walk over `path` begins below `folder`, or a pattern comes there at once.
bool begins_below(const std::string& path, const std::string& folder) {
  const auto glob = glob_of(path);
  if (!glob) return lies_below(path, folder);
  const fs::path root = glob->root.empty() ? "." : glob->root;
  if (lies_below(root, folder)) return true;
  std::error_code unreadable;
  for (const fs::directory_entry& entry : fs::directory_iterator(root, unreadable)) {
    const auto match = glob->pattern.match(entry.path().filename().string(), true);
    if ((match.here || match.beneath) && is_folder(entry.path()) && lies_below(entry.path(), folder)) return true;
  }
  return false;
}

}  // namespace

void check_folders(const RunOptions& options, const std::vector<std::string>& given) {
  std::vector<std::string> problems;
  for (const std::string& folder : {options.sort_into, options.move_errors}) {
    if (folder.empty()) continue;
    for (const std::string& path : given) {
      if (!leads_into(path, real_path(folder))) continue;
      problems.push_back(is_folder(path) ? folder + " lies in " + path + ", which is classified as a whole"
                                         : folder + " is where " + path + " may find images the next time");
    }
  }
  for (const std::string& path : given) {
    if (options.sort_into.empty() || !begins_below(path, options.sort_into)) continue;
    problems.push_back(path + " lies in " + options.sort_into + ", which images are sorted into");
  }
  for (std::string& problem : problems) problem += ": take a folder elsewhere";
  if (!problems.empty()) throw ConfigError(std::move(problems));
}

bool lies_below(const std::string& path, const std::string& folder) {
  const auto member = split_member(path);
  const fs::path file = member ? member->archive : path;
  const auto rest = path_within(real_path(is_folder(file) ? file : file.parent_path()), real_path(folder));
  return rest && !rest->empty();
}

}  // namespace ppinfer
