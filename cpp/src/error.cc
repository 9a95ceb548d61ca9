#include "ppinfer/error.h"

#include <utility>

namespace ppinfer {
namespace {

std::string joined_by_newlines(const std::vector<std::string>& problems) {
  std::string text;
  for (const std::string& problem : problems) {
    if (!text.empty()) text += '\n';
    text += problem;
  }
  return text;
}

// "cat.jpg: decode: empty file", "image 3: decode: empty file", "decode: empty file"
std::string bad_image_message(const std::string& path, const ImageError& error, std::optional<std::size_t> index) {
  std::string which = path;
  if (which.empty() && index) which = "image " + std::to_string(*index);
  return (which.empty() ? "" : which + ": ") + to_string(error.stage) + ": " + error.message;
}

}  // namespace

ConfigError::ConfigError(std::vector<std::string> problems)
    : Error(joined_by_newlines(problems)), problems_(std::move(problems)) {}

BadImageError::BadImageError(const std::string& path, const ImageError& error, std::optional<std::size_t> index)
    : Error(bad_image_message(path, error, index)), path_(path), error_(error), index_(index) {}

}  // namespace ppinfer
