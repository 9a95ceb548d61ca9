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

}  // namespace

ConfigError::ConfigError(std::vector<std::string> problems)
    : Error(joined_by_newlines(problems)), problems_(std::move(problems)) {}

}  // namespace ppinfer
