#include "postprocess/labels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "ppinfer/error.h"

namespace ppinfer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

class LabelsTest : public testing::Test {
 protected:
  std::vector<std::string> read(const std::string& text) {
    std::ofstream(path_, std::ios::binary) << text;
    return read_labels(path_);
  }

  // The problems without the path that each begins with.
  std::vector<std::string> problems_of(const std::string& text) {
    try {
      read(text);
    } catch (const ConfigError& error) {
      std::vector<std::string> problems;
      for (const std::string& problem : error.problems()) {
        EXPECT_EQ(problem.compare(0, path_.size(), path_), 0) << problem;
        problems.push_back(problem.substr(path_.size()));
      }
      return problems;
    }
    return {};
  }

  const std::string path_ =
      testing::TempDir() + "labels_" + testing::UnitTest::GetInstance()->current_test_info()->name() + ".txt";
};

TEST_F(LabelsTest, IdsBeforeNamesInAnyOrder) {
  EXPECT_THAT(read("0 tench, Tinca tinca\n1 goldfish\n"), ElementsAre("tench, Tinca tinca", "goldfish"));
  EXPECT_THAT(read("2\tc\n0  a \n1 b"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(read("000 a\n001 b\n"), ElementsAre("a", "b"));
  EXPECT_THAT(read("0 a\n\n1 b\n"), ElementsAre("a", "b"));
}

TEST_F(LabelsTest, NamesAlone) {
  EXPECT_THAT(read("cat\n  dog \nguinea pig"), ElementsAre("cat", "dog", "guinea pig"));
  EXPECT_THAT(read("1 euro\nhouse\ncar\n"), ElementsAre("1 euro", "house", "car"));
  EXPECT_THAT(read("3D printer\n4x4\n"), ElementsAre("3D printer", "4x4"));
}

TEST_F(LabelsTest, ADelimiterOfOnesOwn) {
  std::ofstream(path_, std::ios::binary) << "1,dog, big\r\n0,cat\n2,3\n";
  EXPECT_THAT(read_labels(path_, ","), ElementsAre("cat", "dog, big", "3"));
  std::ofstream(path_, std::ios::binary) << "0\tcat\n1\tdog\n";
  EXPECT_THAT(read_labels(path_, "\t"), ElementsAre("cat", "dog"));
  std::ofstream(path_, std::ios::binary) << "0::a:b\n7 ::x\n";
  try {
    read_labels(path_, "::");
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.problems(),
                ElementsAre(path_ + ":2: expected a class id, \"::\" and a name", path_ + ": no line for class id 1"));
  }
}

TEST_F(LabelsTest, DigitsAloneAreNames) { EXPECT_THAT(read("7\n8\n9\n"), ElementsAre("7", "8", "9")); }

TEST_F(LabelsTest, ByteOrderMarkCrlfAndEmptyLinesAtTheEnd) {
  EXPECT_THAT(read("\xEF\xBB\xBF"
                   "0 a\r\n1 b\r\n\r\n \n"),
              ElementsAre("a", "b"));
  EXPECT_THAT(read("\xEF\xBB\xBF"
                   "a\r\nb\r\n\r\n"),
              ElementsAre("a", "b"));
}

TEST_F(LabelsTest, NamesNeedNotBeUtf8) { EXPECT_THAT(read("caf\xE9\n\xC3\xA9\n"), ElementsAre("caf\xE9", "\xC3\xA9")); }

TEST_F(LabelsTest, EveryWrongIdIsNamed) {
  EXPECT_THAT(problems_of("0 a\n5 b\n0 c\n-1 d\n99999999999999999999 e\n"),
              ElementsAre(HasSubstr(":2: class id 5, but the file has 5 classes, so their ids are 0 to 4"),
                          HasSubstr(":3: class id 0 stands on line 1 already"), HasSubstr(":4: class id -1"),
                          HasSubstr(":5: class id 99999999999999999999"), HasSubstr(": no line for class id 1"),
                          HasSubstr(": no line for class id 2"), HasSubstr(": no line for class id 3"),
                          HasSubstr(": no line for class id 4")));
}

TEST_F(LabelsTest, IdsFromOneAreWrong) {
  EXPECT_THAT(problems_of("1 a\n2 b\n"),
              ElementsAre(HasSubstr(":2: class id 2"), HasSubstr(": no line for class id 0")));
}

TEST_F(LabelsTest, ALineWithoutIdAmongLinesWithOne) {
  EXPECT_THAT(problems_of("0 a\nb\n2 c\n"),
              ElementsAre(HasSubstr(":2: no class id before the name"), HasSubstr(": no line for class id 1")));
}

TEST_F(LabelsTest, AnIdWithoutNameAmongNames) {
  EXPECT_THAT(problems_of("0 a\n1 \n2 c\n"), ElementsAre(HasSubstr(":2: class id 1 has no name")));
}

TEST_F(LabelsTest, AnEmptyLineAmongNames) {
  EXPECT_THAT(problems_of("a\n\nc\n\t\ne\n"),
              ElementsAre(HasSubstr(":2: empty line: class 1 has no name"), HasSubstr(":4: empty line")));
}

TEST_F(LabelsTest, NoLabelsAtAll) {
  EXPECT_THAT(problems_of(""), ElementsAre(HasSubstr("holds no labels")));
  EXPECT_THAT(problems_of("\n \n"), ElementsAre(HasSubstr("holds no labels")));
}

TEST_F(LabelsTest, NotATextFile) {
  EXPECT_THAT(problems_of(std::string("a\0b\n", 4)), ElementsAre(HasSubstr("not a text file")));
}

TEST_F(LabelsTest, ManyProblemsAreCounted) {
  std::string text;
  for (int line = 0; line < 1000; ++line) text += "5000 name\n";
  const auto problems = problems_of(text);
  ASSERT_THAT(problems, SizeIs(21));
  EXPECT_THAT(problems.back(), HasSubstr("1980 more"));
}

TEST(Labels, MissingFileAndFolder) {
  const auto message = [](const std::string& path) -> std::string {
    try {
      read_labels(path);
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(message("no/such/labels.txt"), "no/such/labels.txt: no such label file");
  EXPECT_THAT(message(testing::TempDir()), HasSubstr("is a folder"));
}

TEST_F(LabelsTest, AHundredThousandLinesAtOnce) {
  std::string text;
  for (int id = 99'999; id >= 0; --id) text += std::to_string(id) + " name of " + std::to_string(id) + "\n";
  const auto start = std::chrono::steady_clock::now();
  const auto labels = read(text);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
  ASSERT_THAT(labels, SizeIs(100'000));
  EXPECT_EQ(labels[77'777], "name of 77777");
}

}  // namespace
}  // namespace ppinfer
