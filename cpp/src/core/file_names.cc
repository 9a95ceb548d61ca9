#include "core/file_names.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <system_error>

#include "core/ascii.h"
#include "ppinfer/image.h"
#include "ppinfer/image_files.h"

namespace ppinfer {
namespace {

namespace fs = std::filesystem;

// Of kinds that are read, and then of kinds that are not: a photo of these is an error that names its kind.
constexpr std::array<std::string_view, 38> kImageEndings{
    ".jpg",  ".jpeg", ".jpe",  ".jfif", ".jif",  ".jpg_large", ".mpo", ".png", ".apng", ".bmp", ".dib", ".webp", ".tif",
    ".tiff", ".gif",  ".avif", ".heic", ".heif", ".hif",       ".jxl", ".pbm", ".pgm",  ".ppm", ".pnm", ".ico",  ".jp2",
    ".j2k",  ".jpf",  ".jpx",  ".psd",  ".cr2",  ".cr3",       ".nef", ".arw", ".dng",  ".orf", ".rw2", ".raf"};
constexpr std::size_t kLongestKindEnding = 16;
constexpr std::array<std::string_view, 5> kConfigEndings{".txt", ".conf", ".cfg", ".yml", ".yaml"};
// Of archives that are read, and then of those that are not: what may hold photos is an error that names its kind.
constexpr std::array<std::string_view, 16> kArchiveEndings{
    ".tar",     ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tbz",     ".tar.xz", ".txz",
    ".tar.zst", ".tzst",   ".zip", ".7z",      ".rar",  ".tar.lz4", ".tar.lz", ".tar.z"};

char upper(char letter) { return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter; }

bool ends_in(std::string_view name, std::string_view ending) {
  if (name.size() < ending.size()) return false;
  const std::string_view last = name.substr(name.size() - ending.size());
  return std::equal(last.begin(), last.end(), ending.begin(),
                    [](char one, char other) { return to_lower(one) == other; });
}

template <std::size_t count>
bool ends_in_one_of(std::string_view name, const std::array<std::string_view, count>& endings) {
  return std::any_of(endings.begin(), endings.end(), [name](std::string_view ending) { return ends_in(name, ending); });
}

}  // namespace

std::string lower_ending(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);  // npos + 1 is 0
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return "";
  std::string ending(name.substr(dot));
  std::transform(ending.begin(), ending.end(), ending.begin(), to_lower);
  return ending;
}

std::string file_beside(const std::string& path, std::string ending) {
  const std::string beside = fs::path(path).replace_extension(ending);
  std::transform(ending.begin(), ending.end(), ending.begin(), upper);
  const std::string in_capitals = fs::path(path).replace_extension(ending);
  std::error_code error;
  return !fs::exists(beside, error) && fs::exists(in_capitals, error) ? in_capitals : beside;
}

std::string kind_ending(std::string_view path) {
  std::string ending = lower_ending(path);
  const bool has_letter = std::any_of(ending.begin(), ending.end(), is_letter);
  const auto may_be_in_kind = [](char byte) { return is_letter(byte) || is_digit(byte); };
  const bool is_kind = has_letter && ending.size() <= kLongestKindEnding &&
                       std::all_of(ending.begin() + 1, ending.end(), may_be_in_kind);
  return is_kind ? ending : "";
}

// Visible: clas_system calls it, too.
[[gnu::visibility("default")]] bool has_config_ending(std::string_view name) {
  return ends_in_one_of(name, kConfigEndings);
}
bool has_image_ending(std::string_view name) { return ends_in_one_of(name, kImageEndings); }
bool has_archive_ending(std::string_view name) { return ends_in_one_of(name, kArchiveEndings); }

std::vector<std::string> archive_endings() { return {kArchiveEndings.begin(), kArchiveEndings.end()}; }

}  // namespace ppinfer
