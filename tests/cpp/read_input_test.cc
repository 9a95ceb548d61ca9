// Members of archives by their paths, as an input's path or among the given ones.
#include "input/read_input.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/image_failure.h"
#include "found_inputs.h"
#include "made_archive.h"

namespace ppinfer {
namespace {

using testing::ElementsAre;

class ReadInputTest : public testing::Test {
 protected:
  ReadInputTest() {
    make_archive(folder_.path("s.tar"), MadeFormat::kTar,
                 {{"1.jpg", "one"}, {"notes.txt", "two"}, {"a/3.jpg", "three"}, {"l.jpg", "", AE_IFLNK, "1.jpg"}});
  }
  std::string read(const std::string& path) {  // the content, or what was wrong
    std::vector<std::uint8_t> bytes{9, 9, 9, 9, 9, 9};
    try {
      ImageInput input;
      input.path = folder_.path(path);
      read_input(input, bytes);
    } catch (const ImageFailure& failure) {
      return std::string("failed: ") + failure.what();
    }
    return {bytes.begin(), bytes.end()};
  }
  TemporaryFolder folder_;
};

TEST_F(ReadInputTest, FilesAndMembersAreRead) {
  folder_.write("plain.jpg", "plain");
  EXPECT_EQ(read("plain.jpg"), "plain");
  EXPECT_EQ(read("s.tar::a/3.jpg"), "three");
  EXPECT_EQ(read("s.tar::notes.txt"), "two") << "asked for, it may be named as it likes";
}

TEST_F(ReadInputTest, AFileOfTheWholeNameWins) {
  folder_.write("s.tar::1.jpg", "a file");
  EXPECT_EQ(read("s.tar::1.jpg"), "a file");
}

TEST_F(ReadInputTest, WhatIsNotThereIsTold) {
  EXPECT_EQ(read("s.tar::missing.jpg"), "failed: the archive has no member of this name");
  EXPECT_EQ(read("missing.tar::1.jpg"), "failed: no such file");
  EXPECT_EQ(read("s.tar::l.jpg"), "failed: is a symbolic link in an archive, which is not followed");
  folder_.write("no.tar", std::string(5'000, 'x'));
  EXPECT_THAT(read("no.tar::1.jpg"), testing::StartsWith("failed: not found in the readable part of the archive: "));
}

TEST_F(ReadInputTest, GivenMembersAreFoundInAnyOrder) {
  const std::string in = folder_.path("s.tar::");
  const FoundInputs found = find_inputs(
      folder_, {in + "a/3.jpg", in + "1.jpg", in + "1.jpg", in + "missing", in + "notes.txt", in + "a/3.jpg"});
  EXPECT_THAT(found.contents, ElementsAre("three", "one", "one", "", "two", "three"));
  EXPECT_EQ(found.lines[3], "s.tar::missing: the archive has no member of this name");
}

}  // namespace
}  // namespace ppinfer
