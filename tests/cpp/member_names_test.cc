// What a member's path stands for: hard links, several members of one name, names that cannot be read.
#include "input/member_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "found_inputs.h"
#include "made_archive.h"

namespace ppinfer {
namespace {

using testing::ElementsAre;

class MemberNamesTest : public testing::Test {
 protected:
  FoundInputs find(MadeFormat format, const std::vector<MadeMember>& members) {
    make_archive(archive_, format, members);
    return find({archive_});
  }
  FoundInputs find(const std::vector<std::string>& paths) {
    FoundInputs found = find_inputs(folder_, paths);
    // A resumed run meets the same inputs, though it doesn't read them.
    EXPECT_EQ(without_reasons(find_inputs(folder_, paths, {}, found.lines.size())), without_reasons(found));
    return found;
  }
  static std::vector<std::string> without_reasons(const FoundInputs& found) {
    std::vector<std::string> paths = found.lines;
    for (std::string& line : paths) line.erase(std::min(line.size(), line.find(": ")));
    return paths;
  }

  TemporaryFolder folder_;
  const std::string archive_ = folder_.path("s.tar");
  const std::string in_ = archive_ + "::";
};

TEST_F(MemberNamesTest, AHardLinkHasItsTargetsBytes) {
  for (const MadeFormat format : {MadeFormat::kTar, MadeFormat::kPaxTar, MadeFormat::kTarGz}) {
    const FoundInputs found = find(format, {{"./a.jpg", "one"},
                                            {"blob", "two"},
                                            {"d/b.jpg", "", AE_IFREG, "./a.jpg"},
                                            {"c.jpg", "", AE_IFREG, "blob"},
                                            {"d.jpg", "", AE_IFREG, "./a.jpg"},
                                            {"e.jpg", "five"}});
    EXPECT_THAT(found.lines,
                ElementsAre("s.tar::a.jpg", "s.tar::d/b.jpg", "s.tar::c.jpg", "s.tar::d.jpg", "s.tar::e.jpg"));
    EXPECT_THAT(found.contents, ElementsAre("one", "one", "two", "one", "five"));
    EXPECT_THAT(find({in_ + "c.jpg", in_ + "d/b.jpg"}).contents, ElementsAre("two", "one"));
  }
}

TEST_F(MemberNamesTest, AHardLinkToNothingBeforeItIsTold) {
  const FoundInputs found = find(MadeFormat::kTar, {{"a.jpg", "", AE_IFREG, "z.jpg"},
                                                    {"b.jpg", "", AE_IFREG, "gone.jpg"},
                                                    {"c.jpg", "", AE_IFLNK, "z.jpg"},
                                                    {"d.jpg", "", AE_IFREG, "c.jpg"},
                                                    {"z.jpg", "last"},
                                                    {"y.jpg", "", AE_IFREG, "z.jpg"},
                                                    {"x.jpg", "", AE_IFREG, "y.jpg"}});
  const std::string nothing = ", which is not in the archive before it";
  EXPECT_EQ(found.lines[0], "s.tar::a.jpg: is a hard link to \"z.jpg\"" + nothing);
  EXPECT_EQ(found.lines[1], "s.tar::b.jpg: is a hard link to \"gone.jpg\"" + nothing);
  EXPECT_EQ(found.lines[6], "s.tar::x.jpg: is a hard link to \"y.jpg\" in the archive, which is a hard link itself");
  EXPECT_THAT(found.contents, ElementsAre("", "", "", "", "last", "last", ""));
  EXPECT_EQ(found.lines[3],
            "s.tar::d.jpg: is a hard link to \"c.jpg\": is a symbolic link in an archive, which is not followed");
}

TEST_F(MemberNamesTest, AHardLinkToOneOfSeveralIsTold) {
  EXPECT_EQ(find(MadeFormat::kTar, {{"a.jpg", "one"}, {"a.jpg", "two"}, {"b.jpg", "", AE_IFREG, "a.jpg"}}).lines[2],
            "s.tar::b.jpg: is a hard link to \"a.jpg\", a name that several members of the archive have");
}

TEST_F(MemberNamesTest, APathStandsForTheFirstOfItsName) {
  const std::string second =
      "s.tar::a.jpg: an earlier member of the archive has the same name, and the path means the earlier member";
  for (const MadeFormat format : {MadeFormat::kTar, MadeFormat::kTarGz, MadeFormat::kStoredZip}) {
    const FoundInputs found = find(format, {{"a.jpg", "one"}, {"b.jpg", "two"}, {"a.jpg", "three"}, {"c.jpg", "four"}});
    EXPECT_THAT(found.lines, ElementsAre("s.tar::a.jpg", "s.tar::b.jpg", second, "s.tar::c.jpg"));
    EXPECT_THAT(found.contents, ElementsAre("one", "two", "", "four"));
    EXPECT_THAT(find({in_ + "a.jpg"}).contents, ElementsAre("one"));
    EXPECT_THAT(find({in_ + "b.jpg", in_ + "a.jpg", in_ + "a.jpg", in_ + "c.jpg", in_ + "no", in_ + "b.jpg"}).contents,
                ElementsAre("two", "one", "one", "four", "", "two"));
  }
}

TEST_F(MemberNamesTest, AFileThatTarWasGivenTwiceIsThereTwice) {
  const FoundInputs found = find(MadeFormat::kTar, {{"a.jpg", "one"},
                                                    {"a.jpg", "", AE_IFREG, "a.jpg"},
                                                    {"b.jpg", "", AE_IFREG, "a.jpg"},
                                                    {"b.jpg", "", AE_IFREG, "a.jpg"}});
  EXPECT_THAT(found.lines, ElementsAre("s.tar::a.jpg", "s.tar::a.jpg", "s.tar::b.jpg", "s.tar::b.jpg"));
  EXPECT_THAT(found.contents, ElementsAre("one", "one", "one", "one"));
}

// Marks the names of a zip's members as UTF-8.
void mark_names(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const auto mark = [&bytes](const std::string& kind, std::size_t flags) {
    for (std::size_t at = bytes.find(kind); at != std::string::npos; at = bytes.find(kind, at + 1)) {
      bytes[at + flags + 1] = static_cast<char>(bytes[at + flags + 1] | 0x08);
    }
  };
  mark("PK\3\4", 6);
  mark("PK\1\2", 8);
  std::ofstream(path, std::ios::binary) << bytes;
}

TEST_F(MemberNamesTest, ANameThatCannotBeReadIsTold) {
  const std::string zip = folder_.path("s.zip");
  make_archive(zip, MadeFormat::kStoredZip,
               {{"a.jpg", "one"}, {"\xff\xfe.jpg", "two"}, {"c\xc3\xa4.jpg", "three"}, {"\xe4.jpg", "four"}});
  mark_names(zip);
  const std::string unnamed = "s.zip::: its name cannot be read: it is member ";
  const FoundInputs found = find({zip});
  EXPECT_THAT(found.lines, ElementsAre("s.zip::a.jpg", unnamed + "2 of the archive", "s.zip::c\xc3\xa4.jpg",
                                       unnamed + "4 of the archive"));
  EXPECT_EQ(found.skipped, 0);
  EXPECT_THAT(find({zip + "::", zip + "::"}).lines,
              ElementsAre(unnamed + "2 of the archive", unnamed + "2 of the archive"))
      << "as every path of a record, it is found";
}

}  // namespace
}  // namespace ppinfer
