// Archives that are cut, joined, or made to unpack to far more than they are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "archive_world.h"

namespace ppinfer {
namespace {

namespace fs = std::filesystem;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

using ArchiveEndsTest = ArchiveWalkTest;

// What GNU tar takes out of an archive, a line a member that is whole; `content` says what whole is.
std::vector<std::string> extracted_by_tar(const TemporaryFolder& folder, const std::string& archive,
                                          const std::map<std::string, std::string>& content) {
  const std::string out = folder.path("out");
  fs::remove_all(out);
  fs::create_directory(out);
  const std::string command = "tar -xf '" + archive + "' -C '" + out + "' 2>/dev/null";
  static_cast<void>(std::system(command.c_str()));  // fails for each that is cut
  std::vector<std::string> whole;
  for (const auto& [name, bytes] : content) {
    if (fs::exists(out + "/" + name) && content_of(out + "/" + name) == bytes) whole.push_back(name);
  }
  return whole;
}

TEST_F(ArchiveEndsTest, OfACutArchiveAllIsReadThatTarExtracts) {
  std::vector<MadeMember> members;
  std::map<std::string, std::string> content;
  for (int image = 0; image < 9; ++image) {
    const std::string name = std::to_string(image) + (image % 2 == 0 ? ".jpg" : "");
    members.push_back({name, noise(image % 3 == 0 ? 9'000 : 1'500, static_cast<unsigned>(image))});
    content[name] = members.back().content;
  }
  for (const MadeFormat format : {MadeFormat::kTar, MadeFormat::kTarGz, MadeFormat::kTarXz, MadeFormat::kTarZst}) {
    const std::string whole = content_of(make("whole.tar", format, members));
    for (std::size_t cut = 700; cut < whole.size(); cut += 1'543) {
      const std::string path = folder_.write("s.tar", whole.substr(0, cut));
      const FoundInputs found = find_inputs(folder_, {path});
      std::vector<std::string> read;
      for (std::size_t index = 0; index < found.lines.size(); ++index) {
        if (!found.contents[index].empty()) read.push_back(found.lines[index].substr(std::string("s.tar::").size()));
      }
      EXPECT_THAT(read, testing::IsSupersetOf(extracted_by_tar(folder_, path, content))) << "cut at " << cut;
      const bool has_end_mark = format == MadeFormat::kTar && cut >= whole.size() - 10'240 + 512;
      if (!has_end_mark) {
        ASSERT_FALSE(found.lines.empty()) << "cut at " << cut;
        EXPECT_THAT(found.lines.back(), StartsWith("s.tar: the archive cannot be read")) << "cut at " << cut;
      }
    }
  }
}

TEST_F(ArchiveEndsTest, WhatFollowsTheEndMarkIsReadOrTold) {
  const std::string one = content_of(make("1.tar", MadeFormat::kTar, {{"1.jpg", "one"}}));
  const std::string two = content_of(make("2.tar", MadeFormat::kTar, {{"2.jpg", "two"}}));
  EXPECT_THAT(find(folder_.write("s.tar", one + two)).lines, ElementsAre("s.tar::1.jpg", "s.tar::2.jpg"));
  EXPECT_THAT(find(folder_.write("s.tar", one + std::string(600, 'x'))).lines,
              ElementsAre("s.tar::1.jpg", StartsWith("s.tar: the archive cannot be read in full (1 member found): ")));
  EXPECT_THAT(find(folder_.write("s.tar", one.substr(0, 1'024))).lines,
              ElementsAre("s.tar::1.jpg", StartsWith("s.tar: the archive cannot be read in full (1 member found): "
                                                     "its end mark is missing")));
  for (const MadeFormat format : {MadeFormat::kTarGz, MadeFormat::kTarBz2, MadeFormat::kTarXz, MadeFormat::kTarZst}) {
    const std::string packed_one = content_of(make("1.tgz", format, {{"1.jpg", "one"}}));
    const std::string packed_two = content_of(make("2.tgz", format, {{"2.jpg", "two"}}));
    EXPECT_THAT(find(folder_.write("s.tgz", packed_one + packed_two)).lines,
                ElementsAre("s.tgz::1.jpg", "s.tgz::2.jpg"));
    EXPECT_THAT(find(folder_.write("s.tgz", packed_one + std::string(512, '\0'))).lines, ElementsAre("s.tgz::1.jpg"));
    EXPECT_THAT(
        find(folder_.write("s.tgz", packed_one + std::string(40, 'x'))).lines,
        ElementsAre("s.tgz::1.jpg", StartsWith("s.tgz: the archive cannot be read in full (1 member found): what "
                                               "follows its ")));
  }
}

TEST_F(ArchiveEndsTest, ZstandardMayBeginWithAFrameToSkip) {  // as pzstd writes it
  const std::string skipped("\x50\x2a\x4d\x18\x04\0\0\0size", 12);
  const std::string packed = content_of(make("1.tar.zst", MadeFormat::kTarZst, {{"1.jpg", "one"}}));
  EXPECT_THAT(find(folder_.write("s.tar.zst", skipped + packed + skipped + packed)).lines,
              ElementsAre("s.tar.zst::1.jpg", StartsWith("s.tar.zst::1.jpg: an earlier member")));
}

// As far as Info-ZIP looks for it, also where something stands in front of the members.
TEST_F(ArchiveEndsTest, BytesMayFollowTheListOfAZip) {
  const std::string zip = content_of(make("whole.zip", MadeFormat::kZip, {{"a.jpg", noise(900, 1)}}));
  for (const std::size_t trailing_bytes : {0, 10'000, 17'000, 65'000}) {
    for (const std::size_t stub_bytes : {0, 100'000}) {
      const std::string path =
          folder_.write("s.zip", std::string(stub_bytes, '#') + zip + std::string(trailing_bytes, 'x'));
      EXPECT_THAT(find_inputs(folder_, {path}).lines, ElementsAre("s.zip::a.jpg"))
          << stub_bytes << ", " << trailing_bytes;
    }
  }
  const FoundInputs found = find_inputs(folder_, {folder_.write("s.zip", zip + std::string(70'000, 'x'))});
  EXPECT_THAT(found.lines.back(), HasSubstr("the list of members at its end is missing"));
}

TEST_F(ArchiveEndsTest, WhatUnpacksToFarMoreIsNotHeldAndNotReadForEver) {
  const auto with_zeros = [](const std::string& name, const std::string& content, std::size_t mebibytes) {
    return MadeMember{name, content, AE_IFREG, "", mebibytes};
  };
  const std::string path = make("s.tar.zst", MadeFormat::kTarZst,
                                {with_zeros("zeros", "", 60),
                                 with_zeros("zeros.jpg", "", 60),
                                 with_zeros("a.jpg", noise(60, 1), 100),
                                 {"b.jpg", noise(60, 1)},
                                 with_zeros("c", "", 100),
                                 {"d.jpg", noise(60, 1)}});
  const FoundInputs found = find(path);
  ASSERT_EQ(found.lines.size(), 4u) << testing::PrintToString(found.lines);
  EXPECT_LT(found.contents[0].size(), 100'000u) << "the start is enough to refuse it";
  EXPECT_EQ(found.lines[1],
            "s.tar.zst::a.jpg: unpacks to more than 100 times its size in the archive, which is refused");
  EXPECT_EQ(found.lines[2], "s.tar.zst::b.jpg");
  EXPECT_EQ(
      found.lines[3],
      "s.tar.zst: the archive cannot be read in full (5 members found): it unpacks to more than 200 times its size, "
      "which is refused");
}

// In a packed archive, a hard link costs a pass if its target lies before the last link's target. Links to the same or
// a later member cost none. A plain tar is never unpacked: the reader seeks to the target.
TEST_F(ArchiveEndsTest, HardLinksUnpackAnArchiveAHundredTimesAtMost) {
  constexpr int kMostPasses = 100;
  std::vector<MadeMember> members{{"a.jpg", noise(60, 1)}, {"b.jpg", noise(60, 2)}, {"text", "x"}, {"words", "x"}};
  for (int link = 0; link < 3 * kMostPasses; ++link) {
    members.push_back({"same_" + std::to_string(link) + ".jpg", "", AE_IFREG, "b.jpg"});
    members.push_back({"no_image_" + std::to_string(link), "", AE_IFREG, link % 2 == 0 ? "words" : "text"});
  }
  for (int pass = 0; pass <= kMostPasses; ++pass) {
    for (const char* target : {"a.jpg", "b.jpg"}) {
      members.push_back({std::to_string(pass) + target, "", AE_IFREG, target});
    }
  }
  members.push_back({"z.jpg", noise(60, 3)});
  const auto links = [](const FoundInputs& found) {
    std::vector<std::string> of_both = found.lines;
    of_both.erase(of_both.begin(), of_both.begin() + static_cast<std::ptrdiff_t>(2 + 3 * kMostPasses));
    return of_both;
  };
  const FoundInputs packed = find(make("s.tar.gz", MadeFormat::kTarGz, members));
  std::vector<std::string> lines = links(packed);
  ASSERT_EQ(lines.size(), 2u * (kMostPasses + 1) + 1);
  for (int pass = 0; pass < kMostPasses - 1; ++pass) {
    EXPECT_EQ(lines[2 * static_cast<std::size_t>(pass)], "s.tar.gz::" + std::to_string(pass) + "a.jpg");
  }
  for (std::size_t link = 2 * (kMostPasses - 1); link + 1 < lines.size(); ++link) {
    EXPECT_THAT(lines[link], HasSubstr("is not read: the packed archive would be unpacked more than 100 times"));
  }
  EXPECT_EQ(lines.back(), "s.tar.gz::z.jpg");
  EXPECT_EQ(packed.contents[2], noise(60, 2));
  EXPECT_EQ(packed.contents[2 + 3 * kMostPasses], noise(60, 1));
  EXPECT_EQ(packed.contents[2 + 3 * kMostPasses + 1], noise(60, 2));
  const FoundInputs plain = find(make("s.tar", MadeFormat::kTar, members));
  EXPECT_THAT(links(plain), Each(Not(HasSubstr(": "))));
  EXPECT_EQ(plain.contents[plain.contents.size() - 2], noise(60, 2));
}

TEST_F(ArchiveEndsTest, HardLinksOfOtherTarsBehindTheFirstGiveTheirOwnTarget) {
  const std::string first = content_of(make("1.tar", MadeFormat::kTar, {{"a.jpg", noise(60, 1)}}));
  const std::string zip = content_of(make("in.zip", MadeFormat::kStoredZip, {{"z.jpg", noise(60, 3)}}));
  const std::vector<MadeMember> members{
      {"b.jpg", noise(60, 2)}, {"hard.jpg", "", AE_IFREG, "b.jpg"}, {"first.jpg", "", AE_IFREG, "a.jpg"}, {"in", zip}};
  const std::string second = content_of(make("2.tar", MadeFormat::kTar, members));
  const FoundInputs found = find(folder_.write("s.tar", first + second));
  EXPECT_THAT(found.lines, ElementsAre("s.tar::a.jpg", "s.tar::b.jpg", "s.tar::hard.jpg", "s.tar::first.jpg"));
  EXPECT_THAT(found.contents, ElementsAre(noise(60, 1), noise(60, 2), noise(60, 2), noise(60, 1)));
}

// Links that are left out cost nothing.
TEST_F(ArchiveEndsTest, OnlyLinksOfTheRunCountAsPasses) {
  std::vector<MadeMember> members{{"a.jpg", noise(60, 1)}, {"b.jpg", noise(60, 2)}};
  for (int pass = 0; pass <= 101; ++pass) {
    for (const char* target : {"a.jpg", "b.jpg"}) {
      members.push_back({"thumbs/" + std::to_string(pass) + target, "", AE_IFREG, target});
    }
  }
  members.push_back({"photo.jpg", "", AE_IFREG, "a.jpg"});
  const std::string path = make("s.tar.gz", MadeFormat::kTarGz, members);
  InputOptions options;
  options.exclude = {"thumbs/"};
  const FoundInputs found = find(path, options);
  EXPECT_THAT(found.lines, ElementsAre("s.tar.gz::a.jpg", "s.tar.gz::b.jpg", "s.tar.gz::photo.jpg"));
  std::vector<std::uint8_t> alone;
  MemberReader().read(path + "::photo.jpg", alone);
  EXPECT_EQ(std::string(alone.begin(), alone.end()), noise(60, 1));
}

TEST_F(ArchiveEndsTest, AfterAHundredDamagedMembersNoneIsRead) {
  constexpr std::size_t kMostPasses = 100;
  std::vector<MadeMember> members;
  for (std::size_t image = 0; image < kMostPasses + 5; ++image) {
    members.push_back({std::to_string(image) + ".jpg", std::string(50, '\xff')});
  }
  std::string bytes = content_of(make("s.zip", MadeFormat::kStoredZip, members));
  bytes.resize(bytes.find("PK\1\2"));  // without its list a zip is read from front to back
  constexpr std::size_t kMethodAt = 8;
  for (std::size_t at = bytes.find("PK\3\4"); at != std::string::npos; at = bytes.find("PK\3\4", at + 1)) {
    bytes[at + kMethodAt] = 8;  // deflate, which the bytes aren't
  }
  const FoundInputs found = find(folder_.write("s.zip", bytes));
  ASSERT_EQ(found.lines.size(), members.size() + 1);
  for (std::size_t image = 0; image < members.size(); ++image) {
    EXPECT_THAT(found.lines[image], HasSubstr(image < kMostPasses ? ".jpg: cannot be read from the archive: "
                                                                  : "is not read: 100 members before it are damaged"));
  }
}

}  // namespace
}  // namespace ppinfer
