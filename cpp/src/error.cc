#include "ppinfer/error.h"

#include <cstddef>
#include <utility>

#include "ppinfer/terminal.h"

namespace ppinfer {
namespace {

constexpr std::size_t kMostProblems = 20;

std::vector<std::string> first_of(std::vector<std::string> problems, const std::string& conclusion) {
  if (problems.size() > kMostProblems) {
    const std::size_t more = problems.size() - kMostProblems;
    problems.resize(kMostProblems);
    problems.push_back("and " + std::to_string(more) + " more");
  }
  if (!conclusion.empty()) problems.push_back(conclusion);
  for (std::string& problem : problems) problem = shown(problem);  // a file's name may hold the end of a line
  return problems;
}

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

ConfigError::ConfigError(std::vector<std::string> problems, const std::string& conclusion)
    : ConfigError(Bounded{first_of(std::move(problems), conclusion)}) {}

ConfigError::ConfigError(Bounded bounded)
    : Error(joined_by_newlines(bounded.problems)), problems_(std::move(bounded.problems)) {}

BadImageError::BadImageError(const std::string& path, const ImageError& error, std::optional<std::size_t> index)
    : Error(bad_image_message(path, error, index)), path_(path), error_(error), index_(index) {}

}  // namespace ppinfer
