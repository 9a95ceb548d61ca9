#include "core/stand_in.h"

#include <cctype>
#include <cstdint>
#include <fstream>
#include <string_view>

#include "core/sniff.h"

namespace ppinfer {
namespace {

constexpr std::streamsize kReadBytes = 512;

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

// Models of other programs, by the bytes at a place of the file.
struct OtherModel {
  std::size_t place;
  std::string_view bytes;
  const char* name;
};

constexpr OtherModel kOtherModels[] = {
    {0, "\x89HDF\r\n\x1a\n", "a Keras model or other HDF5 file"},
    {4, "TFL3", "a TensorFlow Lite model"},
    {5, {"\0\0\0{\"", 5}, "safetensors weights"},  // behind their length, of 8 bytes
    {0, "\x80\x02}", "a PyTorch or Python pickle"},
    {0, "\x80\x02\x8a", "a PyTorch or Python pickle"},
    {0, "\x80\x02c", "a PyTorch or Python pickle"},
    {0, "\x80\x04\x95", "a PyTorch or Python pickle"},
    {0, "\x80\x05\x95", "a PyTorch or Python pickle"},
};

// What PyTorch's files begin with: a ZIP archive, whose first member is data.pkl.
bool is_torch_archive(std::string_view bytes) {
  constexpr std::string_view kFirstMember = "/data.pkl";
  constexpr std::size_t kNameBegins = 30;
  const std::size_t place = bytes.find(kFirstMember);
  return bytes.substr(0, 2) == "PK" && place != std::string_view::npos && place > kNameBegins;
}

std::string other_model(std::string_view bytes) {
  if (is_torch_archive(bytes)) return "a PyTorch file";
  for (const OtherModel& other : kOtherModels) {
    if (bytes.size() >= other.place && bytes.substr(other.place, other.bytes.size()) == other.bytes) return other.name;
  }
  return "";
}

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
  std::string bytes(static_cast<std::size_t>(kReadBytes), '\0');
  file.read(bytes.data(), kReadBytes);
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  const std::string model = other_model(bytes);
  if (!model.empty()) return "is " + model + ": export the model to ONNX or Paddle's format first";
  const OtherFormat format = other_format({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  if (ends_with(format.name, " archive")) {
    return std::string("is ") + format.name + ": unpack it, and give the file inside";
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
