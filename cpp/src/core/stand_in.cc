#include "core/stand_in.h"

#include <cctype>
#include <fstream>
#include <string_view>

namespace ppinfer {
namespace {

constexpr std::streamsize kLookedAtBytes = 512;

struct Archive {
  std::string_view start;
  const char* kind;
};
constexpr Archive kArchives[] = {{std::string_view("PK\x03\x04", 4), "a zip archive"},
                                 {std::string_view("\x1f\x8b", 2), "a gzip archive"},
                                 {std::string_view("BZh", 3), "a bzip2 archive"},
                                 {std::string_view("\xfd"
                                                   "7zXZ\0",
                                                   6),
                                  "an xz archive"},
                                 {std::string_view("\x28\xb5\x2f\xfd", 4), "a zstd archive"},
                                 {std::string_view("7z\xbc\xaf\x27\x1c", 6), "a 7z archive"}};

// In lower case, without what may stand before a page's first tag.
std::string start_of_text(std::string_view bytes) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (bytes.substr(0, kByteOrderMark.size()) == kByteOrderMark) bytes.remove_prefix(kByteOrderMark.size());
  while (!bytes.empty() && std::isspace(static_cast<unsigned char>(bytes.front())) != 0) bytes.remove_prefix(1);
  std::string text;
  for (const char letter : bytes) text += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  return text;
}

}  // namespace

std::string stand_in_problem(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes(static_cast<std::size_t>(kLookedAtBytes), '\0');
  file.read(bytes.data(), kLookedAtBytes);
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  for (const Archive& archive : kArchives) {
    if (bytes.compare(0, archive.start.size(), archive.start) == 0) {
      return std::string("is ") + archive.kind + ": unpack it, and give the file inside";
    }
  }
  const std::string text = start_of_text(bytes);
  const auto starts_with = [&text](std::string_view start) { return text.compare(0, start.size(), start) == 0; };
  if (starts_with("version https://git-lfs")) {
    return "is a Git LFS pointer, not the file itself: run `git lfs pull` in its repository";
  }
  const bool is_page =
      starts_with("<!doctype html") || starts_with("<html") || starts_with("<?xml version") || starts_with("<error>");
  if (is_page && (text.find("<html") != std::string::npos || text.find("<!doctype html") != std::string::npos ||
                  text.find("<error>") != std::string::npos)) {
    return "is a web page, not the file itself: the download failed; download it again";
  }
  return "";
}

}  // namespace ppinfer
