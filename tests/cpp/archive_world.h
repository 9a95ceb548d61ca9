// What tests of archives share: made ones, and what is found in them.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "found_inputs.h"
#include "made_archive.h"

namespace ppinfer {

inline std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A JPEG, by its start, of letters that hardly can be packed, so that a cut or a flipped bit hits them.
inline std::string noise(std::size_t bytes, unsigned seed) {
  std::string text(bytes, '\0');
  for (char& letter : text) letter = static_cast<char>((seed = seed * 1'103'515'245 + 12'345) >> 16);
  return text.replace(0, 3, "\xff\xd8\xff");
}

class ArchiveWalkTest : public testing::Test {
 protected:
  std::string make(const std::string& name, MadeFormat format, const std::vector<MadeMember>& members) {
    make_archive(folder_.path(name), format, members);
    return folder_.path(name);
  }
  FoundInputs find(const std::string& path, const InputOptions& options = {}) {
    FoundInputs found = find_inputs(folder_, {path}, options);
    // A resumed run passes over what an earlier one has read: the two must meet the same inputs.
    for (const std::size_t done : {found.lines.size() / 2, found.lines.size()}) {
      const FoundInputs resumed = find_inputs(folder_, {path}, options, done);
      const auto begin = static_cast<std::ptrdiff_t>(done);
      EXPECT_EQ(paths(resumed.lines), paths(found.lines)) << done << " are done before";
      EXPECT_EQ(after(resumed.lines, begin), after(found.lines, begin)) << done << " are done before";
      EXPECT_EQ(after(resumed.contents, begin), after(found.contents, begin)) << done << " are done before";
      EXPECT_EQ(resumed.skipped, found.skipped);
    }
    return found;
  }
  static std::vector<std::string> paths(std::vector<std::string> lines) {
    for (std::string& line : lines) line.erase(std::min(line.size(), line.find(": ")));
    return lines;
  }

  static std::vector<std::string> after(const std::vector<std::string>& lines, std::ptrdiff_t begin) {
    return {lines.begin() + std::min(begin, static_cast<std::ptrdiff_t>(lines.size())), lines.end()};
  }

  TemporaryFolder folder_;
};

}  // namespace ppinfer
