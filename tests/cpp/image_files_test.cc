#include "ppinfer/image_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <filesystem>
#include <string>
#include <vector>

#include "temporary_folder.h"

namespace ppinfer {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

class ImageFilesTest : public testing::Test {
 protected:
  // Each input's path, relative to the folder, with its reason after ": " where it has one.
  std::vector<std::string> walk(const std::vector<std::string>& paths) {
    ImageFiles files(paths);
    std::vector<std::string> inputs;
    for (ImageInput input; files.next(input);) {
      std::string text = input.path;
      if (text.rfind(folder_.path() + "/", 0) == 0) text.erase(0, folder_.path().size() + 1);
      if (const auto* unusable = std::get_if<UnusableInput>(&input.content)) text += ": " + unusable->reason;
      inputs.push_back(text);
    }
    skipped_ = files.skipped();
    ImageInput input;
    EXPECT_FALSE(files.next(input)) << "the end is the end";
    return inputs;
  }
  std::vector<std::string> walk() { return walk({folder_.path()}); }

  TemporaryFolder folder_;
  std::int64_t skipped_ = 0;
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
  fs::create_symlink("nowhere", folder_.path("notes.txt"));
  EXPECT_THAT(walk(), ElementsAre("also/a.jpg", "broken.jpg", "broken_folder", "real/a.jpg"));
  EXPECT_EQ(skipped_, 1);
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

TEST_F(ImageFilesTest, AFifoNamedLikeAnImageIsAnInput) {
  ASSERT_EQ(mkfifo(folder_.path("a.jpg").c_str(), 0644), 0);
  ASSERT_EQ(mkfifo(folder_.path("b").c_str(), 0644), 0);
  EXPECT_THAT(walk(), ElementsAre("a.jpg"));
}

TEST_F(ImageFilesTest, AnUnreadableFolderIsTold) {
  folder_.write("a.jpg", "x");
  folder_.write("closed/b.jpg", "x");
  chmod(folder_.path("closed").c_str(), 0);
  const pid_t child = fork();
  if (child == 0) {  // permissions don't bind root
    constexpr uid_t kNobody = 65534;
    if (geteuid() == 0 && setuid(kNobody) != 0) _exit(2);
    const std::vector<std::string> expected{"a.jpg", "closed: the folder cannot be read: permission denied"};
    _exit(walk() == expected ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  chmod(folder_.path("closed").c_str(), 0755);
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
