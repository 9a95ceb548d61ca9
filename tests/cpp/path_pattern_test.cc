#include "input/path_pattern.h"

#include <gtest/gtest.h>

#include <string>

#include "ppinfer/error.h"

namespace ppinfer {
namespace {

bool matches(const std::string& pattern, const std::string& path) {
  return PathPattern::of_names_or_paths(pattern).match(path, false).here;
}

bool matches_folder(const std::string& pattern, const std::string& path) {
  return PathPattern::of_names_or_paths(pattern).match(path, true).here;
}

TEST(PathPattern, WithoutASlashItIsANameAtAnyDepth) {
  EXPECT_TRUE(matches("*.jpg", "a.jpg"));
  EXPECT_TRUE(matches("*.jpg", "x/y/a.jpg"));
  EXPECT_FALSE(matches("*.jpg", "a.jpg/b.png"));
  EXPECT_FALSE(matches("*.jpg", "a.JPG"));
  EXPECT_TRUE(matches("img_????.png", "x/img_0001.png"));
  EXPECT_FALSE(matches("img_????.png", "img_001.png"));
  EXPECT_TRUE(matches("[a-c]*", "bee.jpg"));
  EXPECT_FALSE(matches("[!a-c]*", "bee.jpg"));
  EXPECT_TRUE(matches("*", ".hidden"));
}

TEST(PathPattern, WithASlashItIsThePath) {
  EXPECT_TRUE(matches("2024/*.jpg", "2024/a.jpg"));
  EXPECT_FALSE(matches("2024/*.jpg", "x/2024/a.jpg"));
  EXPECT_FALSE(matches("2024/*.jpg", "2024/may/a.jpg")) << "* stays in its part";
  EXPECT_FALSE(matches("2024?a.jpg", "2024/a.jpg"));
  EXPECT_TRUE(matches("./a.jpg", "a.jpg"));
  EXPECT_FALSE(matches("./a.jpg", "x/a.jpg"));
  EXPECT_TRUE(matches("a//b.jpg", "a/b.jpg"));
}

TEST(PathPattern, TwoStarsAreAnyFolders) {
  for (const char* path : {"2024/a.jpg", "2024/may/a.jpg", "2024/may/1/a.jpg"}) {
    EXPECT_TRUE(matches("2024/**/*.jpg", path)) << path;
    EXPECT_TRUE(matches("2024/**", path)) << path;
    EXPECT_TRUE(matches("**/a.jpg", path)) << path;
    EXPECT_TRUE(matches("**/**/a.jpg", path)) << path;
    EXPECT_FALSE(matches("2023/**/*.jpg", path)) << path;
  }
  EXPECT_TRUE(matches("**/a.jpg", "a.jpg"));
  EXPECT_FALSE(matches_folder("2024/**", "2024")) << "what is in it";
  EXPECT_TRUE(matches("**/b/**/*.jpg", "a/b/b/c/d.jpg"));
  EXPECT_TRUE(matches("a**.jpg", "aXY.jpg")) << "beside other letters they are one star";
}

TEST(PathPattern, ASlashAtTheEndMeansFolders) {
  EXPECT_TRUE(matches_folder("cache/", "x/cache"));
  EXPECT_FALSE(matches("cache/", "x/cache"));
  EXPECT_TRUE(matches("cache/", "x/cache/y/a.jpg")) << "and all in them";
  EXPECT_TRUE(matches_folder("x/cache/", "x/cache"));
  EXPECT_FALSE(matches_folder("x/cache/", "y/x/cache"));
  EXPECT_TRUE(matches_folder("cache", "x/cache"));
  EXPECT_TRUE(matches("cache", "x/cache"));
}

TEST(PathPattern, TellsWhetherItLeadsOn) {
  const auto leads_on = [](const char* pattern, const char* path) {
    return PathPattern::of_paths(pattern, PathPattern::Dots::kExplicit).match(path, true).beneath;
  };
  EXPECT_TRUE(leads_on("a/*/c.jpg", "a"));
  EXPECT_TRUE(leads_on("a/*/c.jpg", "a/b"));
  EXPECT_FALSE(leads_on("a/*/c.jpg", "b"));
  EXPECT_FALSE(leads_on("a/*/c.jpg", "a/b/c"));
  EXPECT_TRUE(leads_on("a/**/c.jpg", "a/b/c/d"));
  EXPECT_FALSE(leads_on("*.jpg", "a.jpg"));
}

TEST(PathPattern, ADotInFrontMayHaveToBeWritten) {
  const auto here = [](const char* pattern, const char* path, PathPattern::Dots dots) {
    return PathPattern::of_paths(pattern, dots).match(path, false).here;
  };
  EXPECT_FALSE(here("*.jpg", ".a.jpg", PathPattern::Dots::kExplicit));
  EXPECT_TRUE(here(".*.jpg", ".a.jpg", PathPattern::Dots::kExplicit));
  EXPECT_FALSE(here("**/a.jpg", ".x/a.jpg", PathPattern::Dots::kExplicit));
  EXPECT_TRUE(here("**/.x/a.jpg", ".x/a.jpg", PathPattern::Dots::kExplicit));
  EXPECT_TRUE(here("**/a.jpg", ".x/a.jpg", PathPattern::Dots::kAny));
}

TEST(PathPattern, ACharacterIsOneOfUtf8OrAByte) {
  EXPECT_TRUE(matches("?.jpg", "\xc3\xa4.jpg"));
  EXPECT_FALSE(matches("???.jpg", "\xc3\xa4.jpg"));
  EXPECT_TRUE(matches("?.jpg", "\xff.jpg"));
  EXPECT_TRUE(matches("*.jpg", "a\n\xff.jpg"));
  EXPECT_TRUE(matches("\xff*", "\xff.jpg"));
  EXPECT_TRUE(matches("a\\*.jpg", "a\\b.jpg")) << "a backslash is a character like any other";
  EXPECT_TRUE(matches("[[]1].jpg", "[1].jpg"));
  EXPECT_TRUE(matches("[]]", "]"));
}

TEST(PathPattern, WhatCanNeverMatchIsRefused) {
  for (const std::string text : {"", "/", "./", "/abs", "a/../b", "..", "[a", "a/[!]"}) {
    EXPECT_THROW(PathPattern::of_names_or_paths(text), ConfigError) << text;
  }
  EXPECT_THROW(PathPattern::of_names_or_paths(std::string("a\0b", 3)), ConfigError);
  std::string deep = "x";
  for (int part = 0; part < 100; ++part) deep += "/x";
  EXPECT_THROW(PathPattern::of_names_or_paths(deep), ConfigError);
}

}  // namespace
}  // namespace ppinfer
