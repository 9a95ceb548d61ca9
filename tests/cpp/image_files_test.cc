#include "ppinfer/image_files.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "input/folder_walk.h"
#include "input/skip_tally.h"
#include "ppinfer/error.h"
#include "temporary_folder.h"

namespace ppinfer {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

class ImageFilesTest : public testing::Test {
 protected:
  // Each input's path, relative to the folder, with its reason after ": " where it has one.
  std::vector<std::string> inputs_of(ImageFiles& files) const {
    std::vector<std::string> inputs;
    for (ImageInput input; files.next(input);) {
      std::string text = input.path;
      if (text.rfind(folder_.path() + "/", 0) == 0) text.erase(0, folder_.path().size() + 1);
      if (const auto* unusable = std::get_if<UnusableInput>(&input.content)) text += ": " + unusable->reason;
      inputs.push_back(text);
    }
    return inputs;
  }
  std::vector<std::string> walk(const std::vector<std::string>& paths, const InputOptions& options = {}) {
    ImageFiles files(paths, options);
    const std::vector<std::string> inputs = inputs_of(files);
    EXPECT_EQ(files.found(), static_cast<std::int64_t>(inputs.size()));
    EXPECT_TRUE(files.found_all());
    if (!files.reads_a_stream()) {
      ImageFiles further(paths, options);
      further.look_further(std::chrono::hours(1));
      EXPECT_EQ(inputs_of(further), inputs) << "what is found before it is asked for is the same";
      EXPECT_EQ(further.found(), files.found());
      EXPECT_EQ(further.skipped().count(), files.skipped().count());
    }
    skipped_ = files.skipped().count();
    skipped_words_ = in_words(files.skipped());
    ImageInput input;
    EXPECT_FALSE(files.next(input)) << "the end is the end";
    return inputs;
  }
  std::vector<std::string> walk(const InputOptions& options = {}) { return walk({folder_.path()}, options); }

  // Whether that is what a user finds whom permissions bind, as they don't bind root.
  bool nobody_finds(const std::vector<std::string>& expected, std::int64_t skipped = 0) {
    const pid_t child = fork();
    if (child == 0) {
      constexpr uid_t kNobody = 65534;
      if (geteuid() == 0 && setuid(kNobody) != 0) _exit(2);
      const std::vector<std::string> found = walk();
      if (found == expected && skipped_ == skipped) _exit(0);
      for (const std::string& line : found) std::fprintf(stderr, "found %s\n", line.c_str());
      _exit(1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }

  TemporaryFolder folder_;
  std::int64_t skipped_ = 0;
  std::string skipped_words_;
};

TEST_F(ImageFilesTest, FilesAndFoldersComeInByteOrderOfTheirNames) {
  for (const char* name : {"b.jpg", "a/z.jpg", "a/b/c.jpg", "B.jpg", "a.jpg", "\xff.jpg", "c\n.jpg", "\xc3\xa4.jpg"}) {
    folder_.write(name, "x");
  }
  EXPECT_THAT(walk(),
              ElementsAre("B.jpg", "a/b/c.jpg", "a/z.jpg", "a.jpg", "b.jpg", "c\n.jpg", "\xc3\xa4.jpg", "\xff.jpg"));
}

TEST_F(ImageFilesTest, EndingsCountInAnyCaseAndOthersAreSkipped) {
  for (const char* name : {"a.JPG", "b.jpeg", "c.Jpe", "d.png", "e.bmp", "f.webp", "g.tif", "h.tiff", "i.gif"}) {
    folder_.write(name, "x");
  }
  for (const char* name : {"labels.txt", "jpg", "a.jpg.bak", ".hidden.jpg", ".git/x.jpg"}) folder_.write(name, "x");
  EXPECT_EQ(walk().size(), 9u);
  EXPECT_EQ(skipped_, 5);
}

TEST_F(ImageFilesTest, GivenPathsAreInputsInTheGivenOrderWhateverTheyAre) {
  folder_.write("z.txt", "x");
  folder_.write("pictures.jpg/a.jpg", "x");
  EXPECT_THAT(walk({folder_.path("z.txt"), folder_.path("missing"), folder_.path("pictures.jpg"), ""}),
              ElementsAre("z.txt", "missing", "pictures.jpg/a.jpg", ""));
}

TEST_F(ImageFilesTest, ASlashAtTheEndIsNotDoubled) {
  folder_.write("in/a.jpg", "x");
  EXPECT_THAT(walk({folder_.path("in/")}), ElementsAre("in/a.jpg"));
}

TEST_F(ImageFilesTest, AFolderNamedLikeAnImageIsToldAndWalked) {
  folder_.write("a.jpg/b.png", "x");
  EXPECT_THAT(walk(), ElementsAre("a.jpg: is a folder, not an image file", "a.jpg/b.png"));
}

TEST_F(ImageFilesTest, LinksAreFollowedAndBrokenOnesNotLeftOut) {
  folder_.write("real/a.jpg", "x");
  fs::create_symlink("real", folder_.path("also"));
  fs::create_symlink("nowhere", folder_.path("broken.jpg"));
  fs::create_symlink("nowhere", folder_.path("broken_folder"));
  for (const char* name : {"notes.txt", "film.mp4", "photos.2024", "v1.2-final", "shards.tar", "2024.01/x.md"}) {
    fs::create_directories(fs::path(folder_.path(name)).parent_path());
    fs::create_symlink("nowhere", folder_.path(name));
  }
  const std::string broken = ": broken symbolic link";
  EXPECT_THAT(walk(), ElementsAre("also/a.jpg", "broken.jpg", "broken_folder" + broken, "photos.2024" + broken,
                                  "real/a.jpg", "shards.tar" + broken, "v1.2-final" + broken));
  EXPECT_EQ(skipped_, 3);
  InputOptions only_png;
  only_png.include = {"*.png"};
  EXPECT_THAT(walk(only_png), ElementsAre("broken_folder" + broken, "photos.2024" + broken, "shards.tar" + broken,
                                          "v1.2-final" + broken))
      << "there may have been one in them";
}

TEST_F(ImageFilesTest, ALinkBackIsToldAndNotFollowed) {
  folder_.write("in/deep/a.jpg", "x");
  fs::create_symlink("../..", folder_.path("in/deep/up"));
  fs::create_symlink(".", folder_.path("in/self"));
  const auto inputs = walk();
  ASSERT_EQ(inputs.size(), 3u);
  EXPECT_EQ(inputs[0], "in/deep/a.jpg");
  EXPECT_THAT(inputs[1], testing::StartsWith("in/deep/up: a link back to the folder " + folder_.path() + ","));
  EXPECT_THAT(inputs[2], testing::StartsWith("in/self: a link back to the folder " + folder_.path("in") + ","));
}

TEST_F(ImageFilesTest, AFifoInAFolderIsNeverOpened) {
  ASSERT_EQ(mkfifo(folder_.path("a.jpg").c_str(), 0644), 0);
  ASSERT_EQ(mkfifo(folder_.path("b").c_str(), 0644), 0);
  EXPECT_THAT(walk(), ElementsAre("a.jpg: not a regular file"));
  EXPECT_EQ(skipped_words_, "1 file skipped: 1 not an image (1 without an ending)");
}

TEST_F(ImageFilesTest, ContentTellsWhereTheNameDoesNot) {
  const std::string jpeg = "\xff\xd8\xff\xe0";
  const std::string photoshop = "8BPS" + std::string(20, '\0');
  folder_.write("0a1b2c", jpeg);
  folder_.write("photo.jpg.1", "\x89PNG\r\n\x1a\n");
  folder_.write("photo.dat", "GIF89a");
  folder_.write("IMG_1", photoshop);  // of a kind that isn't read: an input, for which the decoder says so
  folder_.write("drawing", "<svg xmlns=");
  folder_.write("Thumbs.db", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
  for (const char* name : {"a.txt", "b.TXT", "BM.txt", "c.json", "empty", ".hidden"}) {
    folder_.write(name, name == std::string("empty") ? "" : "BMW and other makers of cars");
  }
  EXPECT_THAT(walk(), ElementsAre("0a1b2c", "IMG_1", "photo.dat", "photo.jpg.1"));
  EXPECT_EQ(skipped_words_,
            "8 files skipped: 1 hidden or excluded, 7 not images (3 .txt, 2 without an ending, 1 .db, 1 .json)");
  InputOptions options;
  options.include = {"*.dat"};
  EXPECT_THAT(walk(options), ElementsAre("photo.dat")) << "a pattern spares the others a look";
  EXPECT_EQ(skipped_words_, "11 files skipped: 11 hidden or excluded");
}

TEST_F(ImageFilesTest, AnUnreadableFolderIsTold) {
  folder_.write("a.jpg", "x");
  folder_.write("closed/b.jpg", "x");
  chmod(folder_.path("closed").c_str(), 0);
  EXPECT_TRUE(nobody_finds({"a.jpg", "closed: the folder cannot be read: permission denied"}));
  chmod(folder_.path("closed").c_str(), 0755);
}

TEST_F(ImageFilesTest, AFolderThatIsGoneIsNotAnEmptyOne) {
  folder_.write("gone/a.jpg", "x");
  const int descriptor = open(folder_.path("gone").c_str(), O_RDONLY | O_DIRECTORY);
  ASSERT_GE(descriptor, 0);
  fs::remove_all(folder_.path("gone"));
  const std::string still_open = "/proc/self/fd/" + std::to_string(descriptor);
  EXPECT_THAT(walk({still_open}, {}), ElementsAre(still_open + ": the folder cannot be read: no such file"));
  close(descriptor);
}

TEST_F(ImageFilesTest, WhatMayNotBeLookedAtIsNotLeftOut) {
  for (const char* name : {"d/a.jpg", "d/notes.txt", "d/README", "d/plain/b.jpg", "d/s.tar", "d/v1.2/b.jpg"}) {
    folder_.write(name, "x");
  }
  fs::create_symlink("v1.2", folder_.path("d/newest.d"));
  chmod(folder_.path("d").c_str(), 0744);  // others may list it, and no more
  EXPECT_TRUE(
      nobody_finds({"d/a.jpg", "d/newest.d: permission denied", "d/plain: the folder cannot be read: permission denied",
                    "d/s.tar: permission denied", "d/v1.2: the folder cannot be read: permission denied"},
                   2));
  chmod(folder_.path("d").c_str(), 0755);
}

TEST_F(ImageFilesTest, NothingIsFoundOnceStopped) {
  for (const char* name : {"a.jpg", "b.txt", "c.txt", "d/e.txt"}) folder_.write(name, "x");
  SkipTally skipped;
  std::atomic<bool> stopped{false};
  const InputFilter filter{InputOptions{}};
  FolderWalk walk(filter, skipped, stopped);
  struct stat status;
  ASSERT_EQ(stat(folder_.path().c_str(), &status), 0);
  ImageInput input;
  ASSERT_FALSE(walk.start(folder_.path(), status, input));
  ASSERT_EQ(walk.next(input), FolderWalk::Found::kImage);
  stopped = true;
  EXPECT_EQ(walk.next(input), FolderWalk::Found::kNothing);
  EXPECT_EQ(skipped.get().count(), 0) << "it looked at more names";
  stopped = false;
  EXPECT_EQ(walk.next(input, std::chrono::steady_clock::now()), FolderWalk::Found::kPaused);
  EXPECT_EQ(skipped.get().count(), 0) << "a folder without images can be as long as it likes";
  EXPECT_EQ(walk.next(input), FolderWalk::Found::kNothing);
  EXPECT_EQ(skipped.get().count(), 3);
}

TEST_F(ImageFilesTest, HiddenNamesAreTakenWhenAsked) {
  for (const char* name : {".a.jpg", ".in/b.jpg", "c.jpg", ".d.txt"}) folder_.write(name, "x");
  InputOptions options;
  options.hidden = true;
  EXPECT_THAT(walk(options), ElementsAre(".a.jpg", ".in/b.jpg", "c.jpg"));
  EXPECT_EQ(skipped_, 1);
}

TEST_F(ImageFilesTest, LinksInFoldersAreSkippedWhenAsked) {
  folder_.write("real/a.jpg", "x");
  fs::create_symlink("real", folder_.path("also"));
  fs::create_symlink("real/a.jpg", folder_.path("b.jpg"));
  fs::create_symlink("nowhere", folder_.path("broken.jpg"));
  fs::create_symlink("..", folder_.path("real/up"));
  InputOptions options;
  options.follow_links = false;
  EXPECT_THAT(walk(options), ElementsAre("real/a.jpg"));
  EXPECT_EQ(skipped_, 4);
  EXPECT_THAT(walk({folder_.path("also"), folder_.path("b.jpg")}, options), ElementsAre("also/a.jpg", "b.jpg"))
      << "a given path is taken";
}

TEST_F(ImageFilesTest, PatternsChooseAmongWhatIsFound) {
  for (const char* name : {"a.jpg", "b.png", "thumbnails/c.jpg", "2024/thumbnails/d.jpg", "2024/e.jpg", "2024/f.txt"}) {
    folder_.write(name, "x");
  }
  InputOptions options;
  options.include = {"*.jpg", "*.txt"};
  EXPECT_THAT(walk(options), ElementsAre("2024/e.jpg", "2024/thumbnails/d.jpg", "a.jpg", "thumbnails/c.jpg"));
  EXPECT_EQ(skipped_, 2) << "f.txt is not an image";
  options.exclude = {"thumbnails/"};
  EXPECT_THAT(walk(options), ElementsAre("2024/e.jpg", "a.jpg"));
  EXPECT_EQ(skipped_, 4) << "a folder that isn't entered is one";
  options.include = {"2024/*.jpg"};
  EXPECT_THAT(walk(options), ElementsAre("2024/e.jpg"));
  EXPECT_THAT(walk({folder_.path("b.png")}, options), ElementsAre("b.png")) << "a given path is taken";
}

TEST_F(ImageFilesTest, AnExcludedFolderIsNotEntered) {
  folder_.write("in/a.jpg", "x");
  fs::create_symlink("..", folder_.path("in/up"));  // would be an input
  InputOptions options;
  options.exclude = {"in"};
  EXPECT_THAT(walk(options), ElementsAre());
  EXPECT_EQ(skipped_, 1);
}

TEST_F(ImageFilesTest, ShardsShareTheInputsOutWhereverTheFolderLies) {
  std::vector<std::string> names;
  for (int file = 0; file < 300; ++file) names.push_back(std::to_string(file) + ".jpg");
  for (const std::string& name : names) {
    folder_.write("here/" + name, "x");
    folder_.write("or/there/" + name, "x");
  }
  std::vector<std::string> all;
  for (int shard = 1; shard <= 3; ++shard) {
    InputOptions options;
    options.shard_index = shard;
    options.shard_count = 3;
    std::vector<std::string> here = walk({folder_.path("here")}, options);
    std::vector<std::string> there = walk({folder_.path("or/there/")}, options);
    EXPECT_EQ(skipped_, 0) << "another shard's inputs aren't skipped";
    for (std::string& path : here) path.erase(0, 5);
    for (std::string& path : there) path.erase(0, 9);
    EXPECT_EQ(here, there);
    EXPECT_NEAR(here.size(), 100, 30);
    all.insert(all.end(), here.begin(), here.end());
  }
  EXPECT_THAT(all, testing::UnorderedElementsAreArray(names));
}

TEST_F(ImageFilesTest, CountsWhatOtherShardsHave) {
  for (const char* name : {"in/0.jpg", "in/1.jpg", "in/2.jpg", "3.jpg", "in/notes.txt"}) folder_.write(name, "x");
  std::int64_t others = 0;
  for (int shard = 1; shard <= 4; ++shard) {
    InputOptions options;
    options.shard_index = shard;
    options.shard_count = 4;
    ImageFiles files({folder_.path("in"), folder_.path("3.jpg")}, options);
    ImageInput input;
    std::int64_t ours = 0;
    while (files.next(input)) ++ours;
    EXPECT_EQ(ours + files.of_other_shards(), 4);
    others += files.of_other_shards();
  }
  EXPECT_EQ(others, 3 * 4);
}

TEST_F(ImageFilesTest, WhichShardAnInputIsInNeverChanges) {  // else machines of two versions would miss some
  InputOptions options;
  options.shard_count = 4;
  for (const char* name : {"0.jpg", "1.jpg", "2.jpg", "3.jpg", "4.jpg", "5.jpg", "6.jpg", "7.jpg"}) {
    folder_.write(name, "x");
  }
  EXPECT_THAT(walk(options), ElementsAre("0.jpg", "5.jpg", "7.jpg"));
}

TEST_F(ImageFilesTest, GivenPathsAreSharedOutAsTheyAreGiven) {
  int times = 0;
  for (int shard = 1; shard <= 5; ++shard) {
    InputOptions options;
    options.shard_index = shard;
    options.shard_count = 5;
    times += static_cast<int>(walk({"missing.jpg"}, options).size());
  }
  EXPECT_EQ(times, 1);
}

TEST_F(ImageFilesTest, WrongOptionsAreToldAllAtOnce) {
  InputOptions options;
  options.include = {"", "[a"};
  options.exclude = {"/photos/*.jpg", "../x"};
  options.shard_index = 5;
  options.shard_count = 4;
  try {
    const ImageFiles files({}, options);
    FAIL() << "expected a ConfigError";
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.problems(),
                ElementsAre(testing::HasSubstr("is empty"), testing::HasSubstr("\"[a\" has a [ without its ]"),
                            testing::HasSubstr("begins with a slash"), testing::HasSubstr("leads out of"),
                            "shard 5/4: expected I/N with I from 1 to N, such as 1/4 to 4/4 on four machines"));
  }
}

TEST_F(ImageFilesTest, TheSizeIsThatOfTheFile) {
  const std::string path = folder_.write("a.jpg", "12345");
  for (const std::string& given : {folder_.path(), path}) {
    ImageFiles files({given});
    ImageInput input;
    ASSERT_TRUE(files.next(input));
    EXPECT_EQ(input.size_bytes, 5);
  }
  ImageFiles files({folder_.path("missing")});
  ImageInput input;
  ASSERT_TRUE(files.next(input));
  EXPECT_EQ(input.size_bytes, -1);
}

TEST_F(ImageFilesTest, PassingOverGivesTheSameInputs) {
  for (int file = 10; file < 60; ++file) folder_.write(std::to_string(file) + ".jpg", "x");
  ImageFiles files({folder_.path()});
  ImageInput input;
  for (int file = 10; file < 60; ++file) {  // changing between the two, each several times in a row
    ASSERT_TRUE(file % 20 < 7 ? files.next_unread(input) : files.next(input));
    EXPECT_EQ(input.path, folder_.path(std::to_string(file) + ".jpg"));
    EXPECT_EQ(input.size_bytes, 1);
  }
  EXPECT_FALSE(files.next_unread(input));
  EXPECT_FALSE(files.next(input));
}

TEST_F(ImageFilesTest, TheWalkIsLazy) {
  constexpr int kFilesOfA = 20;  // more than the walk is ahead
  for (int file = 0; file < kFilesOfA; ++file) folder_.write("a/" + std::to_string(file) + ".jpg", "x");
  folder_.write("b/2.jpg", "x");
  ImageFiles files({folder_.path()});
  ImageInput input;
  ASSERT_TRUE(files.next(input));
  folder_.write("b/3.jpg", "x");  // b hasn't been opened yet
  for (int file = 1; file < kFilesOfA + 2; ++file) ASSERT_TRUE(files.next(input));
  EXPECT_EQ(input.path, folder_.path("b/3.jpg"));
  EXPECT_FALSE(files.next(input));
}

}  // namespace
}  // namespace ppinfer
