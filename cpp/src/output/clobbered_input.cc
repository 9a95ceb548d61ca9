#include <sys/stat.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <vector>

#include "core/file_names.h"
#include "core/same_file.h"
#include "core/sniff.h"
#include "ppinfer/error.h"
#include "ppinfer/image.h"
#include "ppinfer/record_writer.h"

namespace ppinfer {
namespace {

bool lead_to_same_file(const std::string& one, const std::string& other) {
  struct stat a;
  struct stat b;
  return one != "-" && other != "-" && stat(one.c_str(), &a) == 0 && stat(other.c_str(), &b) == 0 &&
         S_ISREG(a.st_mode) && is_same_file(a, b);
}

bool has_model_ending(const std::string& path) {
  constexpr const char* kModelEndings[] = {".onnx", ".pdmodel", ".pdiparams", ".xml", ".bin"};
  const std::string ending = lower_ending(path);
  return std::any_of(std::begin(kModelEndings), std::end(kModelEndings),
                     [&ending](const char* one) { return ending == one; });
}

std::string meant_by_name(const std::string& path) {
  if (has_image_ending(path)) return "an image's name";
  if (has_archive_ending(path)) return "an archive's name";
  return has_model_ending(path) ? "a model's name" : "";
}

// Of a regular file; links are followed. Not BMP: records may begin with these two letters.
bool holds_an_image(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return false;
  std::ifstream file(path, std::ios::binary);
  std::vector<std::uint8_t> start(kSniffBytes);
  file.read(reinterpret_cast<char*>(start.data()), static_cast<std::streamsize>(start.size()));
  start.resize(static_cast<std::size_t>(file.gcount()));
  const ImageKind kind = sniff({start.data(), start.size()});
  return kind != ImageKind::kOther && kind != ImageKind::kBmp;
}

}  // namespace

std::string clobbered_input(const std::string& path, const std::string& list_path, const std::string& config_path) {
  if (path.empty() || path == "-") return "";
  std::error_code error;
  const std::string followed = std::filesystem::weakly_canonical(path, error).string();
  for (const std::string& name : {path, error ? path : followed}) {
    const std::string meant = meant_by_name(name);
    if (!meant.empty()) return meant;
  }
  if (lead_to_same_file(path, list_path)) return "the list of images";
  if (lead_to_same_file(path, config_path)) return "the config";
  return holds_an_image(path) ? "an image" : "";
}

void require_not_read(const std::string& path, const std::vector<std::string>& read) {
  for (const std::string& file : read) {
    if (!lead_to_same_file(path, file)) continue;
    throw ConfigError(
        {path + ": this run reads that file, " + file + ": expected a file for records, such as records.jsonl"});
  }
}

}  // namespace ppinfer
