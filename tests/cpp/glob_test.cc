// Given paths with * ? or [ in them.
#include "input/glob.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "found_inputs.h"

namespace ppinfer {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

class GlobTest : public testing::Test {
 protected:
  GlobTest() {
    for (const char* name : {"a/1.jpg", "a/2.png", "a/deep/3.jpg", "a/deep/4.txt", "b/1.jpg", "c.jpg", "d.txt",
                             ".hidden/5.jpg", "a/.6.jpg"}) {
      folder_.write(name, "x");
    }
  }
  std::vector<std::string> walk(const std::string& glob, const InputOptions& options = {}) {
    return find_inputs(folder_, {folder_.path(glob)}, options).lines;
  }
  TemporaryFolder folder_;
};

TEST_F(GlobTest, FilesComeInOrderWhateverTheirNamesEndIn) {
  EXPECT_THAT(walk("?.*"), ElementsAre("c.jpg", "d.txt"));
  EXPECT_THAT(walk("*/1.jpg"), ElementsAre("a/1.jpg", "b/1.jpg"));
  EXPECT_THAT(walk("[ab]/[!1].*"), ElementsAre("a/2.png"));
}

TEST_F(GlobTest, FoldersComeWithAllInThem) {
  EXPECT_THAT(walk("a*"), ElementsAre("a/1.jpg", "a/2.png", "a/deep/3.jpg"));
  EXPECT_THAT(walk("*"), ElementsAre("a/1.jpg", "a/2.png", "a/deep/3.jpg", "b/1.jpg", "c.jpg", "d.txt"));
  EXPECT_THAT(walk("*/"), ElementsAre("a/1.jpg", "a/2.png", "a/deep/3.jpg", "b/1.jpg")) << "a slash: no files";
}

TEST_F(GlobTest, TwoStarsAreAnyFolders) {
  EXPECT_THAT(walk("**/*.jpg"), ElementsAre("a/1.jpg", "a/deep/3.jpg", "b/1.jpg", "c.jpg"));
  EXPECT_THAT(walk("a/**"), ElementsAre("a/1.jpg", "a/2.png", "a/deep/3.jpg")) << "each once";
  EXPECT_THAT(walk("**/deep/*"), ElementsAre("a/deep/3.jpg", "a/deep/4.txt"));
}

TEST_F(GlobTest, HiddenNamesAreForADotOnly) {
  EXPECT_THAT(walk(".h*/*"), ElementsAre(".hidden/5.jpg"));
  EXPECT_THAT(walk("a/.*"), ElementsAre("a/.6.jpg"));
  InputOptions options;
  options.hidden = true;
  EXPECT_THAT(walk("*/?.jpg", options), ElementsAre(".hidden/5.jpg", "a/1.jpg", "b/1.jpg"));
}

TEST_F(GlobTest, PatternsChooseAmongTheMatches) {
  InputOptions options;
  options.exclude = {"deep/", "1.*"};
  EXPECT_THAT(walk("a/**", options), ElementsAre("a/2.png"));
  options.exclude = {"*"};
  EXPECT_THAT(walk("a/**", options), ElementsAre()) << "it matched, so there is nothing to tell";
}

TEST_F(GlobTest, WhatMatchesNothingIsTold) {
  const std::string nothing = ": no such file, and no match as a pattern";
  EXPECT_THAT(walk("x*"), ElementsAre("x*" + nothing));
  EXPECT_THAT(walk("missing/*.jpg"), ElementsAre("missing/*.jpg" + nothing));
  EXPECT_THAT(walk("c.jpg/*"), ElementsAre("c.jpg/*" + nothing));
  EXPECT_THAT(walk("[x"), ElementsAre("[x")) << "no pattern: a path like any other";
}

TEST_F(GlobTest, AFileOfThatVeryNameWins) {
  folder_.write("[c].jpg", "x");
  EXPECT_THAT(walk("[c].jpg"), ElementsAre("[c].jpg"));
  fs::remove(folder_.path("[c].jpg"));
  EXPECT_THAT(walk("[c].jpg"), ElementsAre("c.jpg"));
}

TEST_F(GlobTest, ShardsShareTheMatchesOut) {
  std::vector<std::string> all;
  for (int shard = 1; shard <= 2; ++shard) {
    InputOptions options;
    options.shard_index = shard;
    options.shard_count = 2;
    for (const char* glob : {"**/*.jpg", "x*"}) {
      const auto lines = walk(glob, options);
      all.insert(all.end(), lines.begin(), lines.end());
    }
  }
  EXPECT_EQ(all.size(), 5u);
}

TEST_F(GlobTest, WithoutAFolderItIsAboutTheWorkingFolder) {
  const fs::path before = fs::current_path();
  fs::current_path(folder_.path());
  const auto here = find_inputs(folder_, {"*.jpg"}).lines;
  const auto beneath = find_inputs(folder_, {"*/1.jpg"}).lines;
  const auto dotted = find_inputs(folder_, {"./b/*"}).lines;
  fs::current_path(before);
  EXPECT_THAT(here, ElementsAre("c.jpg"));
  EXPECT_THAT(beneath, ElementsAre("a/1.jpg", "b/1.jpg"));
  EXPECT_THAT(dotted, ElementsAre("./b/1.jpg"));
}

TEST(ParseGlob, PartsAFolderFromThePattern) {
  EXPECT_EQ(parse_glob("/*.jpg", false)->root, "/");
  EXPECT_EQ(parse_glob("a/b*/c", false)->root, "a");
  EXPECT_EQ(parse_glob("a//b*", false)->root, "a");
  EXPECT_EQ(parse_glob("*", false)->root, "");
  EXPECT_FALSE(parse_glob("a/b.jpg", false));
  EXPECT_FALSE(parse_glob(std::string("a\0*", 3), false));
}

}  // namespace
}  // namespace ppinfer
