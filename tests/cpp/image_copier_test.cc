#include "output/image_copier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <thread>
#include <vector>

#include "made_archive.h"
#include "ppinfer/error.h"
#include "temporary_folder.h"

namespace ppinfer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
namespace fs = std::filesystem;

const std::string kJpeg = "\xff\xd8\xff";  // a whole member is read only if it begins as an image

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

struct stat status_of(const std::string& path) {
  struct stat status {};
  EXPECT_EQ(lstat(path.c_str(), &status), 0) << path;
  return status;
}

class ImageCopierTest : public testing::Test {
 protected:
  // Each file in the folder, with its content.
  std::map<std::string, std::string> copies() const {
    std::map<std::string, std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(out_)) {
      if (!entry.is_directory()) found[entry.path().filename().string()] = content_of(entry.path());
    }
    return found;
  }

  std::set<std::string> contents() const {
    std::set<std::string> found;
    for (const auto& [name, content] : copies()) found.insert(content);
    return found;
  }

  std::string failure_of(bool (ImageCopier::*way)(const std::string&, const std::string&), const std::string& path,
                         const std::string& folder) {
    try {
      (copier_.*way)(path, folder);
    } catch (const RuntimeFailure& failure) {
      return failure.what();
    }
    return "";
  }

  const TemporaryFolder folder_;
  const std::string out_ = folder_.path("out/7");
  ImageCopier copier_{ImageCopier::Names::kHashed};
  ImageCopier numbering_{ImageCopier::Names::kNumbered};
};

TEST_F(ImageCopierTest, ACopyHasContentTimeAndPermissions) {
  const std::string photo = folder_.write("a/cat.jpg", std::string(700'000, 'x') + "end");
  chmod(photo.c_str(), 0640);
  EXPECT_TRUE(copier_.copy(photo, out_));
  EXPECT_THAT(copies(), ElementsAre(Pair("cat.jpg", content_of(photo))));
  const struct stat copy = status_of(out_ + "/cat.jpg");
  EXPECT_EQ(copy.st_mode & 0777U, 0640U);
  EXPECT_EQ(copy.st_mtim.tv_nsec, status_of(photo).st_mtim.tv_nsec);
}

TEST_F(ImageCopierTest, TwiceIsOnceAndNothingIsOverwritten) {
  folder_.write("out/7/cat.jpg", "the user's");
  for (const char* name : {"a", "b", "c"}) folder_.write(std::string(name) + "/cat.jpg", name);
  fs::create_symlink("nowhere", out_ + "/cat_2.jpg");
  fs::create_directories(out_ + "/cat_3.jpg");
  for (int time = 0; time < 2; ++time) {
    for (const char* name : {"a", "b", "c"}) numbering_.copy(folder_.path(name) + "/cat.jpg", out_);
  }
  EXPECT_THAT(copies(), ElementsAre(Pair("cat.jpg", "the user's"), Pair("cat_2.jpg", ""), Pair("cat_4.jpg", "a"),
                                    Pair("cat_5.jpg", "b"), Pair("cat_6.jpg", "c")));
}

TEST_F(ImageCopierTest, AHashOfThePathMakesANameThatNobodyElseHas) {
  const std::string longest = std::string(251, '\xff') + ".jpg";
  for (const std::string& name : {std::string("cat.jpg"), longest}) {
    for (const char* holder : {"a", "b"}) folder_.write(std::string(holder) + "/" + name, holder + name);
  }
  for (auto way : {&ImageCopier::hard_link, &ImageCopier::hard_link, &ImageCopier::symlink, &ImageCopier::copy}) {
    for (const std::string& name : std::vector<std::string>{"a/cat.jpg", "b/cat.jpg", "a/" + longest, "b/" + longest}) {
      EXPECT_TRUE((copier_.*way)(folder_.path(name), out_));
    }
  }
  EXPECT_EQ(copies().size(), 8U) << "links and symbolic links; a link is a copy, too";
  EXPECT_EQ(contents().size(), 4U);
  EXPECT_EQ(status_of(out_ + "/cat.jpg").st_ino, status_of(folder_.path("a/cat.jpg")).st_ino);
}

TEST_F(ImageCopierTest, ManyThreadsWithOneNameLoseNothing) {
  std::vector<std::thread> threads;
  std::set<std::string> expected;
  for (int i = 0; i < 8; ++i) {
    expected.insert(std::string(5000, static_cast<char>('a' + i / 2)));
    const std::string photo =
        folder_.write(std::to_string(i) + "/cat.jpg", std::string(5000, static_cast<char>('a' + i / 2)));
    threads.emplace_back([this, photo] { ImageCopier(ImageCopier::Names::kNumbered).copy(photo, out_); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(contents(), expected);
  EXPECT_EQ(copies().size(), 4U) << "two photos of the same content have one copy";
}

TEST_F(ImageCopierTest, MembersOfArchivesHaveTheirOwnNames) {
  const std::vector<MadeMember> members{
      {"cat.jpg", kJpeg + "top"}, {"d/cat.jpg", kJpeg + "below"}, {"b::c.jpg", kJpeg}};
  for (const std::string& archive : {folder_.path("s.tar.gz"), folder_.path("o::dd.tar.gz")}) {
    make_archive(archive, MadeFormat::kTarGz, members);
    for (const MadeMember& member : members) {
      EXPECT_TRUE(numbering_.copy(archive + "::" + member.name, out_)) << member.name;
    }
  }
  EXPECT_EQ(status_of(out_ + "/cat.jpg").st_mtim.tv_sec, 1'600'000'000);
  EXPECT_FALSE(copier_.copy(folder_.path("s.tar.gz::gone.jpg"), out_));
  EXPECT_FALSE(copier_.copy(folder_.path("gone.tar::cat.jpg"), out_));
  EXPECT_THAT(copies(),
              ElementsAre(Pair("b::c.jpg", kJpeg), Pair("cat.jpg", kJpeg + "top"), Pair("cat_2.jpg", kJpeg + "below")));
}

TEST_F(ImageCopierTest, WhatCannotBeReadAgainIsNotTaken) {
  mkfifo(folder_.path("pipe").c_str(), 0600);
  for (const std::string& path : {folder_.path("pipe"), folder_.path("gone.jpg"), folder_.path(), std::string("-")}) {
    for (auto way : {&ImageCopier::copy, &ImageCopier::hard_link, &ImageCopier::symlink}) {
      EXPECT_FALSE((copier_.*way)(path, out_)) << path;
    }
  }
  EXPECT_FALSE(fs::exists(out_));
}

TEST_F(ImageCopierTest, WhatGoesWrongIsTold) {
  const std::string photo = folder_.write("cat.jpg", "one");
  EXPECT_EQ(failure_of(&ImageCopier::copy, photo, photo + "/7"),
            "cannot put " + photo + " into " + photo + "/7: Not a directory");
  EXPECT_EQ(failure_of(&ImageCopier::move, photo, photo + "/7"),
            "cannot move " + photo + " into " + photo + "/7: Not a directory");
}

TEST_F(ImageCopierTest, MovesFilesAndLinksThemselves) {
  folder_.write("out/7/cat.jpg", "the user's");
  fs::create_symlink("nowhere", folder_.path("link.jpg"));
  EXPECT_TRUE(copier_.move(folder_.write("cat.jpg", "one"), out_));
  EXPECT_TRUE(copier_.move(folder_.path("link.jpg"), out_));
  EXPECT_FALSE(copier_.move(folder_.path("cat.jpg"), out_)) << "was moved";
  EXPECT_EQ(contents(), (std::set<std::string>{"the user's", "one", ""}));
  EXPECT_EQ(fs::read_symlink(out_ + "/link.jpg"), "nowhere");
  EXPECT_FALSE(fs::exists(folder_.path("cat.jpg")) || fs::is_symlink(folder_.path("link.jpg")));
}

TEST_F(ImageCopierTest, AMoveThatWasKilledMidwayIsFinished) {
  const std::string photo = folder_.write("cat.jpg", "one");
  fs::create_directories(out_);
  fs::create_hard_link(photo, out_ + "/cat.jpg");
  EXPECT_TRUE(copier_.move(photo, out_));
  EXPECT_THAT(copies(), ElementsAre(Pair("cat.jpg", "one")));
  EXPECT_FALSE(fs::exists(photo));
}

TEST_F(ImageCopierTest, WhatIsInTheFolderStays) {
  const std::string photo = folder_.write("out/7/cat.jpg", "one");
  fs::create_directory_symlink(out_, folder_.path("other name"));
  EXPECT_FALSE(copier_.move(folder_.path("other name/cat.jpg"), out_));
  for (auto way : {&ImageCopier::copy, &ImageCopier::hard_link, &ImageCopier::symlink}) {
    EXPECT_TRUE((copier_.*way)(photo, folder_.path("other name")));
  }
  EXPECT_THAT(copies(), ElementsAre(Pair("cat.jpg", "one")));
}

TEST_F(ImageCopierTest, MovesToAnotherFileSystem) {
  std::string other = "/dev/shm/ppinfer_test_XXXXXX";
  if (mkdtemp(other.data()) == nullptr) GTEST_SKIP() << "no /dev/shm";
  const std::string a = folder_.write("a/cat.jpg", "");
  const std::string b = folder_.write("b/cat.jpg", "");
  fs::last_write_time(b, fs::last_write_time(a) - std::chrono::hours(1));
  fs::create_symlink("nowhere", folder_.path("link.jpg"));
  const bool is_other = status_of(other).st_dev != status_of(folder_.path()).st_dev;
  const std::string refusal = failure_of(&ImageCopier::hard_link, a, other);
  for (const std::string& path : {a, b, folder_.path("link.jpg")}) EXPECT_TRUE(copier_.move(path, other)) << path;
  const auto files = std::distance(fs::directory_iterator(other), fs::directory_iterator());
  const fs::path link = fs::read_symlink(other + "/link.jpg");
  fs::remove_all(other);
  if (!is_other) GTEST_SKIP() << "/dev/shm is the file system of the temporary files, too";
  EXPECT_THAT(refusal, HasSubstr("hard links don't reach there; copy or symlink do"));
  EXPECT_EQ(files, 3) << "two empty files are two files";
  EXPECT_EQ(link, "nowhere");
  EXPECT_FALSE(fs::exists(a) || fs::exists(b));
}

TEST_F(ImageCopierTest, WhatMayNotBeMovedHasNoSecondName) {
  if (geteuid() == 0 && (setegid(65534) != 0 || seteuid(65534) != 0)) GTEST_SKIP() << "root can't be given up";
  const TemporaryFolder own;  // of this user
  const std::string photo = own.write("in/cat.jpg", "one");
  chmod(own.path("in").c_str(), 0555);
  EXPECT_THAT(failure_of(&ImageCopier::move, photo, own.path("out")), HasSubstr("Permission denied"));
  EXPECT_TRUE(fs::exists(photo));
  EXPECT_TRUE(fs::is_empty(own.path("out")));
  chmod(own.path("in").c_str(), 0755);
  if (getuid() != 0) return;
  ASSERT_EQ(seteuid(0), 0);
  ASSERT_EQ(setegid(0), 0);
}

}  // namespace
}  // namespace ppinfer
