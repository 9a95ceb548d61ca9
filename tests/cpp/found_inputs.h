// What ImageFiles finds in a test's folder, as lines to compare.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "ppinfer/image_files.h"
#include "temporary_folder.h"

namespace ppinfer {

struct FoundInputs {
  // Each input's path, relative to the folder, with its reason after ": " where it has one.
  std::vector<std::string> lines;
  std::vector<std::string> contents;  // the bytes that came with it; "" for none
  std::int64_t skipped = 0;
  std::string skipped_words;
  std::vector<std::string> notices;
};

// The first `passed_over` inputs are passed over, as a resumed run does.
inline FoundInputs find_inputs(const TemporaryFolder& folder, const std::vector<std::string>& paths,
                               const InputOptions& options = {}, std::size_t passed_over = 0) {
  ImageFiles files(paths, options);
  FoundInputs found;
  const auto take = [&](ImageInput& input) {
    if (found.lines.size() < passed_over) return files.next_unread(input);
    files.look_further(std::chrono::hours(1));  // what is found before it is asked for is the same
    return files.next(input);
  };
  for (ImageInput input; take(input);) {
    std::string line = input.path;
    if (line.rfind(folder.path() + "/", 0) == 0) line.erase(0, folder.path().size() + 1);
    if (const auto* unusable = std::get_if<UnusableInput>(&input.content)) line += ": " + unusable->reason;
    found.lines.push_back(line);
    const auto* encoded = std::get_if<EncodedImage>(&input.content);
    found.contents.push_back(encoded == nullptr ? "" : std::string(encoded->bytes.begin(), encoded->bytes.end()));
  }
  found.skipped = files.skipped().count();
  found.skipped_words = in_words(files.skipped());
  found.notices = files.notices();
  return found;
}

}  // namespace ppinfer
