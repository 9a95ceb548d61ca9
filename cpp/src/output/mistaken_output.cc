#include <sys/stat.h>

#include "core/file_names.h"
#include "ppinfer/image.h"
#include "ppinfer/record_writer.h"

namespace ppinfer {
namespace {

bool is_same_file(const std::string& one, const std::string& other) {
  struct stat a;
  struct stat b;
  return one != "-" && other != "-" && stat(one.c_str(), &a) == 0 && stat(other.c_str(), &b) == 0 &&
         S_ISREG(a.st_mode) && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

}  // namespace

std::string mistaken_output(const std::string& path, const std::string& list_path, const std::string& config_path) {
  if (has_image_ending(path)) return "an image's name";
  if (has_archive_ending(path)) return "an archive's name";
  if (is_same_file(path, list_path)) return "the list of images";
  if (is_same_file(path, config_path)) return "the config";
  return "";
}

}  // namespace ppinfer
