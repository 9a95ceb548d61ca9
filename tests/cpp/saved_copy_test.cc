#include "postprocess/saved_copy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <iterator>
#include <set>
#include <thread>

#include "core/image_failure.h"
#include "postprocess/ops.h"
#include "ppinfer/error.h"
#include "temporary_folder.h"

namespace ppinfer {
namespace {

using testing::HasSubstr;

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::set<std::string> names_in(const std::string& folder) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) names.insert(entry.path().filename().string());
  return names;
}

template <class Action>
std::string failure_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

class SavedCopy : public testing::Test {
 protected:
  TemporaryFolder folder_;
  const std::string out_ = folder_.path("out/7");
};

TEST_F(SavedCopy, HasNameContentAndPermissions) {
  const std::string photo = folder_.write("a/cat.jpg", std::string(700'000, 'x') + "end");
  chmod(photo.c_str(), 0640);
  EXPECT_EQ(copy_into_folder(photo, out_), out_ + "/cat.jpg");
  EXPECT_EQ(content(out_ + "/cat.jpg"), content(photo));
  struct stat status {};
  stat((out_ + "/cat.jpg").c_str(), &status);
  EXPECT_EQ(status.st_mode & 0777u, 0640u);
  EXPECT_EQ(names_in(out_), std::set<std::string>{"cat.jpg"}) << "something was left behind";
}

TEST_F(SavedCopy, AnotherImageOfTheSameNameIsKept) {
  EXPECT_EQ(copy_into_folder(folder_.write("a/cat.jpg", "one"), out_), out_ + "/cat.jpg");
  EXPECT_EQ(copy_into_folder(folder_.write("b/cat.jpg", "two"), out_), out_ + "/cat_2.jpg");
  EXPECT_EQ(copy_into_folder(folder_.write("c/cat.jpg", "three"), out_), out_ + "/cat_3.jpg");
  EXPECT_EQ(content(out_ + "/cat.jpg"), "one");
  EXPECT_EQ(content(out_ + "/cat_2.jpg"), "two");
  EXPECT_EQ(copy_into_folder(folder_.path("b/cat.jpg"), out_), out_ + "/cat_2.jpg") << "a second run doubles nothing";
  EXPECT_EQ(names_in(out_), (std::set<std::string>{"cat.jpg", "cat_2.jpg", "cat_3.jpg"}));
}

TEST_F(SavedCopy, BytesGetTheNameOfTheMember) {
  const std::vector<std::uint8_t> bytes{'o', 'n', 'e'};
  const EncodedImage image{bytes};
  EXPECT_EQ(copy_into_folder(image, "in/s.tar::cats/cat.jpg", out_), out_ + "/cat.jpg");
  EXPECT_EQ(copy_into_folder(image, "in/s.tar::dog.jpg", out_), out_ + "/dog.jpg");
  EXPECT_EQ(copy_into_folder(image, "o::dd/s.zip::a::b.jpg", out_), out_ + "/a::b.jpg");
  EXPECT_EQ(copy_into_folder(image, "s.tar::/../..", out_), out_ + "/.._2") << "a name leads nowhere else";
  EXPECT_EQ(content(out_ + "/cat.jpg"), "one");
  EXPECT_EQ(copy_into_folder(EncodedImage{{bytes.data(), 2}}, "t.tar::cat.jpg", out_), out_ + "/cat_2.jpg");
  EXPECT_EQ(copy_into_folder(image, "u.tar::cat.jpg", out_), out_ + "/cat.jpg") << "of the same content";
}

TEST_F(SavedCopy, FoldersAndBrokenLinksOfTheNameStay) {
  std::filesystem::create_directories(out_ + "/cat.jpg");
  std::filesystem::create_symlink("nowhere", out_ + "/cat_2.jpg");
  EXPECT_EQ(copy_into_folder(folder_.write("a/cat.jpg", "one"), out_), out_ + "/cat_3.jpg");
}

TEST_F(SavedCopy, ManyThreadsWithOneNameLoseNothing) {
  constexpr int kThreads = 8;
  std::vector<std::string> photos;
  for (int i = 0; i < kThreads; ++i) {
    photos.push_back(folder_.write(std::to_string(i) + "/cat.jpg", std::string(5000, static_cast<char>('a' + i))));
  }
  std::vector<std::thread> threads;
  for (const std::string& photo : photos) threads.emplace_back([&] { copy_into_folder(photo, out_); });
  for (std::thread& thread : threads) thread.join();
  std::set<std::string> expected;
  std::set<std::string> found;
  for (const std::string& photo : photos) expected.insert(content(photo));
  for (const std::string& name : names_in(out_)) found.insert(content(out_ + "/" + name));
  EXPECT_EQ(found, expected);
  EXPECT_EQ(names_in(out_).size(), photos.size());
}

TEST_F(SavedCopy, WhatGoesWrongIsTold) {
  const std::string photo = folder_.write("cat.jpg", "one");
  EXPECT_THAT(failure_of([&] { copy_into_folder(folder_.path("no.jpg"), out_); }),
              HasSubstr("no.jpg to " + out_ + ": No such file or directory"));
  EXPECT_THAT(failure_of([&] { copy_into_folder(folder_.path(), out_); }), HasSubstr("Is a directory"));
  EXPECT_THAT(failure_of([&] { copy_into_folder(photo, photo + "/7"); }), HasSubstr("Not a directory"));
  EXPECT_TRUE(names_in(out_).empty()) << "something was left behind";
}

TEST_F(SavedCopy, GoesToTheFolderOfTheBestClassWhateverTheOp) {
  const Labels no_labels;
  Result result;
  result.path = folder_.write("cat.jpg", "one");
  const auto postprocessor =
      make_saving_postprocessor(make_threshold_postprocessor({0.9F, 0, "", ""}, no_labels), folder_.path("saved"));
  postprocessor->process(std::vector<float>{0.1F, 0.45F, 0.45F}, result);
  EXPECT_EQ(result.class_ids, std::vector<int>{0});
  EXPECT_EQ(content(folder_.path("saved/1/cat.jpg")), "one");
}

TEST_F(SavedCopy, AnImageWithoutPathOrFileIsAnError) {
  const Labels no_labels;
  const auto postprocessor = make_saving_postprocessor(make_top_k_postprocessor(1, no_labels), folder_.path("saved"));
  Result result;
  process_or_fail(*postprocessor, std::vector<float>{1, 0}, result);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error->stage, Stage::kPostprocess);
  EXPECT_THAT(result.error->message, HasSubstr("has no path"));
  EXPECT_TRUE(result.class_ids.empty());
  result.path = "gone.jpg";
  process_or_fail(*postprocessor, std::vector<float>{1, 0}, result);
  EXPECT_THAT(result.error->message, HasSubstr("cannot copy gone.jpg to"));
}

}  // namespace
}  // namespace ppinfer
