#include "input/found_queue.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "ppinfer/image_files.h"
#include "temporary_folder.h"

namespace ppinfer {
namespace {

TEST(ImageFiles, KnowHowManyThereAreBeforeTheyAreTaken) {
  const TemporaryFolder folder;
  for (int file = 0; file < 300; ++file)
    folder.write("photos/" + std::to_string(file % 7) + "/" + std::to_string(file) + ".png", "");
  folder.write("photos/notes.txt", "");
  folder.write("list", folder.path("photos/0/0.png") + "\n" + folder.path("gone.png") + "\n");
  InputOptions options;
  options.list_path = folder.path("list");
  ImageFiles files({folder.path("photos")}, options);
  files.look_further(std::chrono::milliseconds(0));
  EXPECT_FALSE(files.found_all());
  files.look_further(std::chrono::hours(1));
  EXPECT_EQ(files.found(), 302);
  EXPECT_TRUE(files.found_all());
  EXPECT_EQ(files.skipped().count(), 1);
  ImageInput input;
  EXPECT_TRUE(files.next_unread(input));
  EXPECT_EQ(input.path, folder.path("photos/0/0.png"));
  EXPECT_EQ(input.size_bytes, 0);
  int taken = 1;
  while (files.next(input)) ++taken;
  EXPECT_EQ(taken, 302);
  EXPECT_EQ(files.found(), 302);
}

TEST(ImageFiles, PauseWithinAFolderOfOtherFiles) {
  const TemporaryFolder folder;
  for (int file = 0; file < 3000; ++file) folder.write("a/" + std::to_string(file) + ".txt", "x");
  folder.write("a/z.png", "");
  folder.write("b/1.png", "");
  const std::vector<std::string> paths{folder.path("a"), folder.path("b")};
  const auto all_of = [&](const std::function<bool(ImageFiles&, ImageInput&)>& take) {
    ImageFiles files(paths);
    std::vector<std::string> found;
    for (ImageInput input; take(files, input);) found.push_back(input.path);
    EXPECT_EQ(files.skipped().count(), 3000);
    return found;
  };
  const std::vector<std::string> expected{folder.path("a/z.png"), folder.path("b/1.png")};
  int looks = 0;
  EXPECT_EQ(all_of([&](ImageFiles& files, ImageInput& input) {
              while (!files.found_all()) {
                files.look_further(std::chrono::milliseconds(1));
                ++looks;
              }
              return files.next(input);
            }),
            expected);
  EXPECT_GT(looks, 1);
  EXPECT_EQ(all_of([](ImageFiles& files, ImageInput& input) { return files.next_unread(input, [] {}); }), expected);
}

TEST(FoundQueue, HoldsAMillionPathsInFewBytes) {
  FoundQueue queue;
  const auto path = [](int file) {
    return "/a long way/to the folder/of photos/" + std::to_string(1'000'000 + file) + ".jpg";
  };
  int files = 0;
  for (; !queue.full(); ++files) {
    FoundInput found;
    found.input.path = path(files);
    queue.push(std::move(found));
  }
  EXPECT_GT(files, 1'000'000);
  FoundInput found;
  for (int file = 0; file < files; ++file) {
    ASSERT_TRUE(queue.pop(found));
    ASSERT_EQ(found.input.path, path(file));
  }
  EXPECT_FALSE(queue.pop(found));
}

TEST(FoundQueue, GivesBackWhatCannotBeTold) {
  FoundQueue queue;
  const auto push = [&](const std::string& path, const std::string& reason, bool is_stream) {
    FoundInput found;
    found.input.path = path;
    found.input.size_bytes = 7;
    if (!reason.empty()) found.input.content = UnusableInput{reason};
    found.is_stream = is_stream;
    queue.push(std::move(found));
  };
  push("photos/1.png", "", false);
  push("photos/gone.png", "no such file", false);
  push("photos/12.png", "", false);
  push("-", "", true);
  push("a", "", false);
  push("", "", false);
  FoundInput found;
  for (const char* path : {"photos/1.png", "photos/gone.png", "photos/12.png", "-", "a", ""}) {
    ASSERT_TRUE(queue.pop(found));
    EXPECT_EQ(found.input.path, path);
    EXPECT_EQ(found.input.size_bytes, 7);
    EXPECT_EQ(found.is_stream, found.input.path == "-");
    EXPECT_EQ(std::holds_alternative<UnusableInput>(found.input.content), found.input.path == "photos/gone.png");
  }
  EXPECT_TRUE(queue.empty());
}

}  // namespace
}  // namespace ppinfer
