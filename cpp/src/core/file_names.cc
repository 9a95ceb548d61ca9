#include "core/file_names.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "ppinfer/image.h"

namespace ppinfer {
namespace {

constexpr std::array<std::string_view, 9> kImageEndings{".jpg",  ".jpeg", ".jpe",  ".png", ".bmp",
                                                        ".webp", ".tif",  ".tiff", ".gif"};
constexpr std::array<std::string_view, 5> kConfigEndings{".txt", ".conf", ".cfg", ".yml", ".yaml"};
constexpr std::array<std::string_view, 4> kArchiveEndings{".tar", ".tar.gz", ".tgz", ".zip"};

char lower(char letter) {  // not tolower: that would ask the locale
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool ends_in(std::string_view name, std::string_view ending) {
  if (name.size() < ending.size()) return false;
  const std::string_view last = name.substr(name.size() - ending.size());
  return std::equal(last.begin(), last.end(), ending.begin(), [](char one, char other) { return lower(one) == other; });
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
  std::transform(ending.begin(), ending.end(), ending.begin(), lower);
  return ending;
}

bool has_config_ending(std::string_view name) { return ends_in_one_of(name, kConfigEndings); }
bool has_image_ending(std::string_view name) { return ends_in_one_of(name, kImageEndings); }
bool has_archive_ending(std::string_view name) { return ends_in_one_of(name, kArchiveEndings); }

}  // namespace ppinfer
