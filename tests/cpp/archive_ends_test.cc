// Archives that are cut, joined, or made to unpack to far more than they are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "archive_world.h"

namespace ppinfer {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
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
  EXPECT_THAT(
      find(folder_.write("s.tar", one.substr(0, 1'024))).lines,
      ElementsAre("s.tar::1.jpg", StartsWith("s.tar: the archive cannot be read in full (1 member found): the mark "
                                             "of its end is missing")));
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

}  // namespace
}  // namespace ppinfer
