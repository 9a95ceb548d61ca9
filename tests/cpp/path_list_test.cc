#include "input/path_list.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "found_inputs.h"
#include "ppinfer/error.h"

namespace ppinfer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class PathListTest : public testing::Test {
 protected:
  std::vector<std::string> read(const std::string& content, bool ends_in_nul = false) {
    PathList list(folder_.write("list", content), ends_in_nul, never_);
    std::vector<std::string> paths;
    for (std::string path; list.next(path);) paths.push_back(path);
    return paths;
  }
  std::string failure(const std::string& content, bool ends_in_nul = false) {
    try {
      read(content, ends_in_nul);
    } catch (const RuntimeFailure& error) {
      return error.what();
    }
    return "none";
  }
  TemporaryFolder folder_;
  const std::atomic<bool> never_{false};
};

TEST_F(PathListTest, APathALine) {
  EXPECT_THAT(read("a.jpg\nb c.jpg\n\n \n\xff.jpg\nlast"), ElementsAre("a.jpg", "b c.jpg", " ", "\xff.jpg", "last"));
  EXPECT_THAT(read("a.jpg\r\n\r\nb.jpg\r\n"), ElementsAre("a.jpg", "b.jpg")) << "as Windows writes them";
  EXPECT_THAT(read("\xef\xbb\xbf"
                   "a.jpg\r\n\xef\xbb\xbf"
                   "b.jpg\r\n"),
              ElementsAre("a.jpg",
                          "\xef\xbb\xbf"
                          "b.jpg"));
  EXPECT_THAT(read("\xef\xbb\xbf\na.jpg"), ElementsAre("a.jpg"));
  EXPECT_THAT(read(""), ElementsAre());
}

TEST_F(PathListTest, APathANul) {
  EXPECT_THAT(read(std::string("a.jpg\0b\nc\r\0last", 15), true), ElementsAre("a.jpg", "b\nc\r", "last"));
  EXPECT_THAT(failure(std::string("a\0\0b\0", 5), true), HasSubstr("entry 2 is empty"));
}

TEST_F(PathListTest, NothingComesBehindAFailure) {
  PathList list(folder_.write("list", std::string("a\0\nb\n", 5)), false, never_);
  std::string path;
  for (int time = 0; time < 2; ++time) {
    try {
      list.next(path);
      FAIL() << path;
    } catch (const RuntimeFailure& error) {
      EXPECT_THAT(error.what(), HasSubstr("line 1 holds a NUL byte"));
    }
  }
}

TEST_F(PathListTest, EntriesMayLieAcrossReads) {
  std::string content;
  std::vector<std::string> paths;
  for (int entry = 0; entry < 20'000; ++entry) {
    paths.push_back("folder/" + std::string(entry % 50, 'x') + std::to_string(entry) + ".jpg");
    content += paths.back() + "\n";
  }
  EXPECT_EQ(read(content), paths);
}

TEST_F(PathListTest, WhatIsNoListIsTold) {
  EXPECT_THAT(failure(std::string("a.jpg\0b.jpg\0", 12)), HasSubstr("line 1 holds a NUL byte: a list whose paths end"));
  EXPECT_THAT(failure(std::string(200'000, 'x')), HasSubstr("line 1 is longer than any path"));
  EXPECT_THAT(failure("a.jpg\n" + std::string(200'000, 'x'), true), HasSubstr("read without -0"));
  EXPECT_THAT(failure("a.jpg\nb.jpg\n", true), HasSubstr("holds lines and no NUL byte: a list with a path a line"));
  EXPECT_THAT(read(std::string("a\nb.jpg\0", 8), true), ElementsAre("a\nb.jpg"));
  EXPECT_THAT(read("a.jpg", true), ElementsAre("a.jpg"));
}

TEST_F(PathListTest, AListThatCannotBeOpenedIsToldAtOnce) {
  EXPECT_THROW(PathList(folder_.path("missing"), false, never_), ConfigError);
  EXPECT_THROW(PathList(folder_.path(), false, never_), ConfigError);
  InputOptions options;
  options.list_path = folder_.path("missing");
  EXPECT_THROW(ImageFiles({}, options), ConfigError);
}

TEST_F(PathListTest, ItsPathsComeAfterTheGivenOnes) {
  folder_.write("in/a.jpg", "x");
  folder_.write("b.jpg", "x");
  InputOptions options;
  options.list_path = folder_.write("list", folder_.path("in") + "\n" + folder_.path("*.jpg") + "\nmissing\n");
  EXPECT_THAT(find_inputs(folder_, {folder_.path("b.jpg")}, options).lines,
              ElementsAre("b.jpg", "in/a.jpg", "*.jpg", "missing"))
      << "folders are walked; names are no patterns";
}

TEST_F(PathListTest, AWaitForAPipeCanBeStopped) {
  const std::string pipe = folder_.path("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const int writer = open(pipe.c_str(), O_RDWR);
  ASSERT_EQ(write(writer, "a.jpg\n", 6), 6);
  InputOptions options;
  options.list_path = pipe;
  ImageFiles files({}, options);
  ImageInput input;
  ASSERT_TRUE(files.next(input)) << "what is there is given before more is waited for";
  EXPECT_EQ(input.path, "a.jpg");
  ASSERT_EQ(write(writer, "b.j", 3), 3);
  std::thread stops([&files] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    files.stop();
  });
  EXPECT_FALSE(files.next(input)) << "half a path is none";
  stops.join();
  EXPECT_FALSE(files.next_unread(input));
  close(writer);
}

TEST_F(PathListTest, WhatIsNoPathCostsNoneOfThoseBeforeIt) {
  InputOptions options;
  options.list_path = folder_.write("list", std::string("a.jpg\nb.jpg\nc\0d\ne.jpg\n", 22));
  ImageFiles files({}, options);
  ImageInput input;
  for (const char* path : {"a.jpg", "b.jpg"}) {
    EXPECT_TRUE(files.is_ready());
    ASSERT_TRUE(files.next(input));
    EXPECT_EQ(input.path, path);
  }
  EXPECT_THROW(files.next(input), RuntimeFailure);
  EXPECT_THROW(files.next(input), RuntimeFailure) << "nothing comes behind it";
}

TEST_F(PathListTest, IsReadyAsLongAsNobodyIsWaitedFor) {
  const std::string pipe = folder_.path("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const int writer = open(pipe.c_str(), O_RDWR);
  folder_.write("in/a.jpg", "x");
  folder_.write("in/b.jpg", "x");
  InputOptions options;
  options.list_path = pipe;
  ImageFiles files({folder_.path("in")}, options);
  ImageInput input;
  for (int file = 0; file < 2; ++file) {
    EXPECT_TRUE(files.is_ready());
    ASSERT_TRUE(files.next(input));
  }
  EXPECT_FALSE(files.is_ready());
  const std::string folder_again = folder_.path("in") + "\n";
  ASSERT_EQ(write(writer, folder_again.data(), folder_again.size()), static_cast<ssize_t>(folder_again.size()));
  for (int file = 0; file < 2; ++file) {
    EXPECT_TRUE(files.is_ready());
    ASSERT_TRUE(files.next(input));
  }
  EXPECT_FALSE(files.is_ready());
  close(writer);
}

TEST_F(PathListTest, AListThatNobodyWritesYetIsWaitedForLikeAnyOther) {
  const std::string pipe = folder_.path("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  InputOptions options;
  options.list_path = pipe;
  ImageFiles files({}, options);  // doesn't wait
  ImageInput input;
  int writer = -1;
  ASSERT_TRUE(files.next_unread(input, [&] {
    if (writer >= 0) return;
    writer = open(pipe.c_str(), O_WRONLY | O_NONBLOCK);
    ASSERT_EQ(write(writer, "a.jpg\n", 6), 6);
  }));
  EXPECT_EQ(input.path, "a.jpg");
  EXPECT_FALSE(files.next_unread(input, [&files] { files.stop(); })) << "though it is still open";
  close(writer);
}

class LabelledList : public PathListTest {
 protected:
  LabelledList() {
    for (const char* name : {"in/red.png", "in/a b.png", "in/c,d.png", "photo"}) folder_.write(name, "x");
  }
  FoundInputs find(const std::string& lines, const std::string& place = "list") {
    InputOptions options;
    options.list_path = folder_.write(place, lines);
    return find_inputs(folder_, {}, options);
  }
};

TEST_F(LabelledList, APathBesideALabelIsTaken) {
  const std::string in = folder_.path("in/");
  for (const std::string& line :
       {in + "red.png 2", in + "red.png\t2", in + "red.png,2", in + "red.png;cat", "\"" + in + "red.png\",2",
        "'" + in + "red.png' 2", "2 " + in + "red.png", "2," + in + "red.png", in + "red.png\t0,0,1,0",
        "17," + in + "red.png,2,\"a, b\"", in + "red.png  2  ", in + "red.png 0 1 0", in + "red.png tabby cat",
        in + "red.png|2", in + "red.png: 2"}) {
    const FoundInputs found = find(line + "\n");
    EXPECT_THAT(found.lines, ElementsAre("in/red.png")) << line;
    EXPECT_THAT(found.notices, ElementsAre(HasSubstr("list: its lines have further columns"))) << line;
  }
  EXPECT_THAT(find(in + "a b.png 2\n" + in + "a b.png\n" + in + "c,d.png,3\n").lines,
              ElementsAre("in/a b.png", "in/a b.png", "in/c,d.png"));
  EXPECT_THAT(find(in + "a b.png\n").notices, ElementsAre());
}

TEST_F(LabelledList, AHeaderIsNotAPath) {
  for (const char* header : {"image,label", "label\tfile_name", "path", ",image_path,class"}) {
    const FoundInputs found = find(std::string(header) + "\n" + folder_.path("in/red.png") + "\n");
    EXPECT_THAT(found.lines, ElementsAre("in/red.png")) << header;
    EXPECT_THAT(found.notices, ElementsAre(HasSubstr("is skipped as a header"))) << header;
  }
  EXPECT_THAT(find(folder_.path("in/red.png") + "\nimage,label\n").lines, ElementsAre("in/red.png", "image,label"));
  EXPECT_THAT(find("missing.jpg,label\n").notices, ElementsAre());
}

TEST_F(LabelledList, PathsMayBeRelativeToTheListsFolder) {
  const FoundInputs found = find("red.png 1\na b.png\n", "in/val_list.txt");
  EXPECT_THAT(found.lines, ElementsAre("in/red.png", "in/a b.png"));
  EXPECT_THAT(found.notices, ElementsAre(HasSubstr("further columns"), HasSubstr("relative to its own folder, ")));
}

TEST_F(LabelledList, WhatLeadsToNothingStaysAsItIs) {
  const FoundInputs found =
      find(folder_.path("photo") + " 1.jpg\n" + folder_.path("in/gone.png") + " 2\nhttps://x.org/a 1\n");
  EXPECT_EQ(found.lines[0], "photo 1.jpg") << "no file `photo` with a label";
  EXPECT_THAT(found.lines[1], testing::StartsWith("in/gone.png 2: no such file; \""));
  EXPECT_EQ(found.lines[2], "https://x.org/a 1");
  const std::string red = folder_.path("in/red.png");
  EXPECT_THAT(find(red + " 0\r" + red + " 1\r").lines, ElementsAre(HasSubstr("holds carriage returns")));
  EXPECT_THAT(find("[\"" + red + "\", \"" + red + "\"]\n{\"path\": \"" + red + "\"}\n").lines,
              testing::Each(HasSubstr("looks like JSON")));
  EXPECT_THAT(found.notices, ElementsAre());
}

TEST_F(PathListTest, AnImageThroughAPipeIsReadInItsTurn) {
  const std::string pipe = folder_.path("pipe"), jpeg = "\xff\xd8\xff" + std::string(300'000, 'x');
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  folder_.write("a.jpg", "x");
  ImageFiles files({folder_.path("a.jpg"), pipe, folder_.path("a.jpg")});
  EXPECT_TRUE(files.reads_a_stream());
  ImageInput input;
  EXPECT_TRUE(files.is_ready());
  ASSERT_TRUE(files.next(input)) << "though nobody writes the pipe yet";
  EXPECT_FALSE(files.is_ready());
  std::thread writer([&] {
    const int end = open(pipe.c_str(), O_WRONLY);
    EXPECT_EQ(write(end, jpeg.data(), jpeg.size()), static_cast<ssize_t>(jpeg.size()));
    close(end);
  });
  ASSERT_TRUE(files.next(input));
  writer.join();
  EXPECT_EQ(input.path, pipe);
  ASSERT_TRUE(std::holds_alternative<EncodedImage>(input.content));
  EXPECT_EQ(std::get<EncodedImage>(input.content).bytes.size(), jpeg.size());
  ASSERT_TRUE(files.next(input));
  EXPECT_FALSE(files.next(input));
}

TEST_F(PathListTest, StandardInputIsOneImageOrTheList) {
  ImageFiles twice({"-", "-"});
  ImageInput input;
  ASSERT_TRUE(twice.next_unread(input)) << "which doesn't read it";
  EXPECT_EQ(input.path, "-");
  ASSERT_TRUE(twice.next_unread(input));
  EXPECT_TRUE(std::holds_alternative<UnusableInput>(input.content));
  InputOptions options;
  options.list_path = "-";
  EXPECT_THROW(ImageFiles({"-"}, options), ConfigError);
}

}  // namespace
}  // namespace ppinfer
