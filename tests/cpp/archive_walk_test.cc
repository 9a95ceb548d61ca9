// Archives as inputs: in what order, under which names, and what a damaged one gives.
#include "input/archive_walk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "archive_world.h"
#include "core/image_failure.h"
#include "input/skip_tally.h"
#include "made_archive.h"

namespace ppinfer {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::StartsWith;

class EveryFormat : public ArchiveWalkTest, public testing::WithParamInterface<MadeFormat> {
 protected:
  std::string name() const {
    switch (GetParam()) {
      case MadeFormat::kTarGz:
        return "s.tar.gz";
      case MadeFormat::kTarBz2:
        return "s.tar.bz2";
      case MadeFormat::kTarXz:
        return "s.TXZ";
      case MadeFormat::kTarZst:
        return "s.tar.zst";
      case MadeFormat::kZip:
      case MadeFormat::kStoredZip:
        return "s.zip";
      default:
        return "s.tar";
    }
  }
};
INSTANTIATE_TEST_SUITE_P(Formats, EveryFormat,
                         testing::Values(MadeFormat::kTar, MadeFormat::kPaxTar, MadeFormat::kTarGz, MadeFormat::kTarBz2,
                                         MadeFormat::kTarXz, MadeFormat::kTarZst, MadeFormat::kZip,
                                         MadeFormat::kStoredZip));

TEST_P(EveryFormat, MembersComeInTheirOrderWithTheirBytes) {
  const std::string large = noise(3'000'000, 1);
  const std::string path = make(name(), GetParam(),
                                {{"z/1.jpg", "one"},
                                 {"z", "", AE_IFDIR},
                                 {"a/2.PNG", large},
                                 {"labels.txt", "1"},
                                 {"empty.jpg", ""},
                                 {"3.jpg", "three"}});
  const FoundInputs found = find(path);
  EXPECT_THAT(found.lines,
              ElementsAre(name() + "::z/1.jpg", name() + "::a/2.PNG", name() + "::empty.jpg", name() + "::3.jpg"));
  EXPECT_THAT(found.contents, ElementsAre("one", large, "", "three"));
  EXPECT_EQ(found.skipped, 1);
}

TEST_P(EveryFormat, NamesAreKeptByteForByte) {
  const std::string path = make(name(), GetParam(),
                                {{"./a.jpg", "x"},
                                 {"../b.jpg", "x"},
                                 {"/etc/c.jpg", "x"},
                                 {"\xc3\xa4 \xe2\x82\xac.jpg", "x"},
                                 {"\xff\xfe.jpg", "x"},
                                 {"e::f.jpg", "x"}});
  std::vector<std::string> expected;
  for (const char* member :
       {"a.jpg", "../b.jpg", "/etc/c.jpg", "\xc3\xa4 \xe2\x82\xac.jpg", "\xff\xfe.jpg", "e::f.jpg"}) {
    expected.push_back(name() + "::" + member);
  }
  EXPECT_EQ(find(path).lines, expected);
  for (const std::string& given : expected) {  // each is found by the path of its record
    const FoundInputs one = find(folder_.path(given));
    EXPECT_THAT(one.lines, ElementsAre(given));
    EXPECT_THAT(one.contents, ElementsAre("x"));
  }
}

TEST_P(EveryFormat, PatternsHiddenNamesAndShardsAreAboutTheMembers) {
  std::vector<MadeMember> members{{".x/0.jpg", "x"}, {"__MACOSX/._1.jpg", "x"}, {"old/1.jpg", "x"}, {"new/1.png", "x"}};
  for (int image = 0; image < 40; ++image) members.push_back({"new/" + std::to_string(image) + ".jpg", "x"});
  const std::string path = make(name(), GetParam(), members);
  InputOptions options;
  options.include = {"new/*.jpg"};
  options.exclude = {"old", "1?.jpg"};
  EXPECT_EQ(find(path, options).lines.size(), 30u);
  EXPECT_EQ(find(path, options).skipped, 14);
  options.hidden = true;
  options.include = {};
  EXPECT_EQ(find(path, options).lines.size(), 33u);
  std::size_t all = 0;
  options.shard_count = 3;
  for (options.shard_index = 1; options.shard_index <= 3; ++options.shard_index) {
    const std::size_t part = find(path, options).lines.size();
    EXPECT_GT(part, 3u);
    all += part;
  }
  EXPECT_EQ(all, 33u);
}

TEST_P(EveryFormat, WhatStandsBeforeACutIsReadAndTheRestIsOneError) {
  constexpr std::size_t kMemberBytes = 1'000'000;  // more than a block of bzip2, of which a part can't be unpacked
  std::vector<MadeMember> members;
  for (int image = 0; image < 5; ++image) {
    members.push_back({std::to_string(image) + ".jpg", noise(kMemberBytes, static_cast<unsigned>(image))});
  }
  const std::string path = make(name(), GetParam(), members);
  fs::resize_file(path, 2 * kMemberBytes + kMemberBytes * 9 / 10);  // within the third
  const FoundInputs found = find(path);
  ASSERT_EQ(found.lines.size(), 4u) << testing::PrintToString(found.lines);
  EXPECT_TRUE(found.contents[0] == members[0].content);
  EXPECT_TRUE(found.contents[1] == members[1].content);
  EXPECT_THAT(found.lines[2], StartsWith(name() + "::2.jpg: cannot be read from the archive: "));
  EXPECT_THAT(found.lines[3], StartsWith(name() + ": the archive cannot be read in full (3 members found): "));
}

TEST_P(EveryFormat, SizeAndTimeAreTheHeaders) {
  ImageFiles files({make(name(), GetParam(), {{"1.jpg", "12345"}})});
  ImageInput input;
  ASSERT_TRUE(files.next_unread(input));
  EXPECT_EQ(input.size_bytes, 5);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(input.content));
}

TEST_F(ArchiveWalkTest, FoldersOfShardsAreWalkedIntoTheArchives) {
  folder_.write("in/a.jpg", "a");
  folder_.write("in/z.jpg", "z");
  fs::create_directory(folder_.path("in/deep"));
  make("in/b.tar", MadeFormat::kTar, {{"1.jpg", "1"}, {"2.jpg", "2"}});
  make("in/deep/c.zip", MadeFormat::kZip, {{"1.jpg", "1"}});
  make("in/old.tgz", MadeFormat::kTarGz, {{"1.jpg", "1"}});
  InputOptions options;
  options.exclude = {"old*"};
  options.include = {"*.jpg"};  // about images: the archives are opened all the same
  const FoundInputs found = find(folder_.path("in"), options);
  EXPECT_THAT(found.lines,
              ElementsAre("in/a.jpg", "in/b.tar::1.jpg", "in/b.tar::2.jpg", "in/deep/c.zip::1.jpg", "in/z.jpg"));
  EXPECT_EQ(found.skipped, 1);
  EXPECT_THAT(find(folder_.path("in/*.t?*")).lines,
              ElementsAre("in/b.tar::1.jpg", "in/b.tar::2.jpg", "in/old.tgz::1.jpg"));
}

TEST_F(ArchiveWalkTest, WhatIsNoArchiveIsOneError) {
  folder_.write("text.tar", std::string(2'000, 'x'));
  folder_.write("text.zip", "no zip");
  folder_.write("empty.zip", "");
  folder_.write("seven.tar", "7z\xbc\xaf\x27\x1c");
  folder_.write("photos/old.rar", "Rar!\x1a\x07");
  const std::string start = ": the archive cannot be read: ";
  EXPECT_THAT(find(folder_.path("text.tar")).lines, ElementsAre(StartsWith("text.tar" + start)));
  EXPECT_THAT(find(folder_.path("text.zip")).lines, ElementsAre(StartsWith("text.zip" + start)));
  EXPECT_THAT(find(folder_.path("empty.zip")).lines, ElementsAre(StartsWith("empty.zip" + start)));
  EXPECT_THAT(find(folder_.path("missing.zip")).lines, ElementsAre("missing.zip"));
  EXPECT_THAT(find(folder_.path("seven.tar")).lines,
              ElementsAre(StartsWith("seven.tar" + start + "it is a 7z archive")));
  EXPECT_THAT(find(folder_.path("photos")).lines,
              ElementsAre(StartsWith("photos/old.rar" + start + "it is a RAR archive")));
}

TEST_F(ArchiveWalkTest, AnArchiveOfNothingGivesNothing) {
  EXPECT_THAT(find(make("s.tar", MadeFormat::kTar, {})).lines, ElementsAre());
  EXPECT_THAT(find(make("s.zip", MadeFormat::kZip, {})).lines, ElementsAre());
  EXPECT_THAT(find(make("t.zip", MadeFormat::kZip, {{"a.txt", "x"}})).skipped, 1);
}

TEST_F(ArchiveWalkTest, OneDamagedMemberOfAZipLeavesTheOthers) {
  for (const MadeFormat format : {MadeFormat::kZip, MadeFormat::kStoredZip}) {
    const std::string damaged = noise(5'000, 7);
    const std::string path = make("s.zip", format, {{"1.jpg", "one"}, {"2.jpg", damaged}, {"3.jpg", "three"}});
    std::string bytes = content_of(path);
    bytes[2'000] = static_cast<char>(bytes[2'000] ^ 0x55);
    folder_.write("s.zip", bytes);
    const FoundInputs found = find(path);
    ASSERT_EQ(found.lines.size(), 3u) << testing::PrintToString(found.lines);
    EXPECT_THAT(found.lines[1], StartsWith("s.zip::2.jpg: cannot be read from the archive: "));
    EXPECT_THAT(found.contents, ElementsAre("one", "", "three"));
  }
}

TEST_F(ArchiveWalkTest, AZipWithoutItsListIsReadAsFarAsItGoes) {
  const std::string path = make("s.zip", MadeFormat::kZip, {{"1.jpg", noise(900, 1)}, {"2.jpg", noise(900, 2)}});
  std::string bytes = content_of(path);
  bytes.resize(bytes.find("PK\1\2") + 30);  // within the list of members, which follows them
  folder_.write("s.zip", bytes);
  const FoundInputs found = find(path);
  EXPECT_THAT(found.lines, ElementsAre("s.zip::1.jpg", "s.zip::2.jpg",
                                       "s.zip: the archive cannot be read in full (2 members found): the list of "
                                       "members at its end is missing: the archive is probably truncated"));
  EXPECT_TRUE(found.contents[0] == noise(900, 1));
  EXPECT_TRUE(found.contents[1] == noise(900, 2));
}

TEST_F(ArchiveWalkTest, WhatFollowsADamagedMemberDoesNotDependOnReadingIt) {
  std::vector<MadeMember> members;
  for (int image = 0; image < 4; ++image) {
    members.push_back({std::to_string(image) + ".jpg", noise(1'000, static_cast<unsigned>(image))});
  }
  const std::string path = make("s.zip", MadeFormat::kStoredZip, members);
  std::string bytes = content_of(path);
  bytes.resize(bytes.find("PK\1\2") - 500);  // without the list, within the last member
  for (std::size_t at = 900; at < bytes.size(); at += 37) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0xff);
    folder_.write("s.zip", damaged);
    find(path);  // which compares the two
    if (HasFailure()) FAIL() << "byte " << at;
  }
}

TEST_F(ArchiveWalkTest, ContentTellsWhereTheNameDoesNot) {
  const std::string photoshop = "8BPS" + std::string(20, '\0');
  const std::vector<MadeMember> members{{"0a1b2c", noise(50, 1)},
                                        {"IMG_1", photoshop},
                                        {"notes.txt", "BMW"},
                                        {"Thumbs.db", "\xd0\xcf"},
                                        {"empty", ""},
                                        {"link", "", AE_IFREG, "0a1b2c"},
                                        {"README", "", AE_IFREG, "notes.txt"},
                                        {"to", "", AE_IFLNK, "0a1b2c"}};
  const FoundInputs found = find(make("s.tar", MadeFormat::kTar, members));
  EXPECT_THAT(found.lines, ElementsAre("s.tar::0a1b2c", "s.tar::IMG_1", "s.tar::link"));
  EXPECT_THAT(found.contents, ElementsAre(noise(50, 1), photoshop, noise(50, 1)));
  EXPECT_EQ(found.skipped_words, "5 files skipped: 5 not images (3 without an ending, 1 .db, 1 .txt)");
  EXPECT_THAT(find(make("e.zip", MadeFormat::kEncryptedZip, {{"a.txt", "x"}, {"b", "x"}})).lines,
              ElementsAre("e.zip::b: is encrypted"));
}

TEST_F(ArchiveWalkTest, SymbolicLinksInArchivesAreToldOrSkipped) {
  const std::string path = make("s.tar", MadeFormat::kTar,
                                {{"1.jpg", "one"}, {"2.jpg", "", AE_IFLNK, "1.jpg"}, {"3.jpg", "", AE_IFREG, "1.jpg"}});
  const std::string symbolic = "s.tar::2.jpg: is a symbolic link in an archive, which is not followed";
  EXPECT_THAT(find(path).lines, ElementsAre("s.tar::1.jpg", symbolic, "s.tar::3.jpg"));
  InputOptions options;
  options.follow_links = false;
  EXPECT_THAT(find(path, options).lines, ElementsAre("s.tar::1.jpg", "s.tar::3.jpg"));
  EXPECT_EQ(find(path, options).skipped, 1);
}

TEST_F(ArchiveWalkTest, AnEncryptedMemberIsTold) {
  EXPECT_THAT(find(make("s.zip", MadeFormat::kEncryptedZip, {{"1.jpg", "one"}, {"2.jpg", "two"}})).lines,
              ElementsAre("s.zip::1.jpg: is encrypted", "s.zip::2.jpg: is encrypted"));
}

// Writes the checksum of the first member's header.
void sum_up_header(std::string& tar) {
  unsigned sum = 0;
  for (int at = 0; at < 512; ++at)
    sum += at >= 148 && at < 156 ? ' ' : static_cast<unsigned char>(tar[static_cast<std::size_t>(at)]);
  std::snprintf(&tar[148], 8, "%06o", sum);
}

// Makes the header of the first member claim this size.
void claim_bytes(std::string& tar, unsigned long long bytes) {
  std::snprintf(&tar[124], 12, "%011llo", bytes);
  sum_up_header(tar);
}

TEST_F(ArchiveWalkTest, ClaimedSizesTakeNoMemory) {
  const std::string path = make("s.tar", MadeFormat::kTar, {{"1.jpg", "one"}});
  std::string bytes = content_of(path);
  for (const unsigned long long claimed : {0x1'ffff'ffffULL, 0x3fff'ffffULL}) {
    claim_bytes(bytes, claimed);
    folder_.write("s.tar", bytes);
    const FoundInputs found = find(path);
    ASSERT_EQ(found.lines.size(), 2u) << testing::PrintToString(found.lines);
    EXPECT_THAT(found.lines[0], StartsWith("s.tar::1.jpg: cannot be read from the archive: "));
    EXPECT_THAT(found.lines[1], StartsWith("s.tar: the archive cannot be read in full (1 member found): "));
  }
}

TEST_F(ArchiveWalkTest, SparseBlocksOutOfOrderAreToldAndEnd) {
  std::string tar = content_of(make("s.tar", MadeFormat::kTar, {{"1.jpg", noise(1'024, 1)}, {"2.jpg", "two"}}));
  tar[156] = 'S';  // GNU's kind of a file with holes: places and lengths of its blocks, then its size
  std::size_t at = 386;
  for (const unsigned number : {1'024U, 512U, 0U, 512U}) {
    std::snprintf(&tar[at], 12, "%011o", number);
    at += 12;
  }
  std::snprintf(&tar[483], 12, "%011o", 2'048U);
  sum_up_header(tar);
  EXPECT_THAT(find(folder_.write("s.tar", tar)).lines,
              ElementsAre(StartsWith("s.tar::1.jpg: cannot be read from the archive: "), "s.tar::2.jpg"));
}

TEST_F(ArchiveWalkTest, NothingIsReadOrToldOnceStopped) {
  std::vector<MadeMember> members{{"a.jpg", "x"}};
  for (int text = 0; text < 30; ++text) members.push_back({std::to_string(text) + ".txt", noise(100'000, 1)});
  for (const MadeFormat format : {MadeFormat::kTar, MadeFormat::kTarGz}) {
    const std::string path = make("s.tar", format, members);
    SkipTally skipped;
    std::atomic<bool> stopped{false};
    const InputFilter filter{InputOptions{}};
    ArchiveWalk walk(filter, skipped, stopped);
    ImageInput file;
    file.path = path;
    walk.start(std::move(file), "s.tar");
    ImageInput input;
    ASSERT_TRUE(walk.next(input, true));
    stopped = true;
    EXPECT_FALSE(walk.next(input, true)) << input.path;
    EXPECT_EQ(skipped.get().count(), 0);
    Archive archive(path, &stopped);
    ArchiveMember member;
    EXPECT_THROW(archive.next(member), ImageFailure) << "nor within a long member";
  }
}

TEST_F(ArchiveWalkTest, TheWalkHoldsOneMemberAhead) {
  std::vector<MadeMember> members;
  for (int image = 0; image < 30; ++image) members.push_back({std::to_string(image) + ".jpg", "x"});
  const std::string path = make("s.tar", MadeFormat::kTar, members);
  ImageFiles files({path});
  ImageInput input;
  std::weak_ptr<const void> bytes;
  ASSERT_TRUE(files.next(input));
  bytes = input.keep_alive;
  EXPECT_FALSE(bytes.expired());
  input = {};
  EXPECT_TRUE(bytes.expired()) << "nobody else holds the bytes";
}

}  // namespace
}  // namespace ppinfer
