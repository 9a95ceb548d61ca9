#include "input/read_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <filesystem>

#include "core/image_failure.h"
#include "temporary_folder.h"

namespace ppinfer {
namespace {

namespace fs = std::filesystem;

std::string reason(const std::string& path) {
  std::vector<std::uint8_t> bytes;
  try {
    read_file(path, bytes);
  } catch (const ImageFailure& failure) {
    EXPECT_EQ(failure.stage(), Stage::kRead);
    return failure.what();
  }
  return "read";
}

// In a child that is nobody in particular: permissions don't bind root.
std::string reason_without_root(const std::string& path) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) return "no pipe";
  const pid_t child = fork();
  if (child == 0) {
    constexpr uid_t kNobody = 65534;
    const bool dropped = geteuid() != 0 || setuid(kNobody) == 0;
    const std::string text = dropped ? reason(path) : "still root";
    const ssize_t written = write(ends[1], text.data(), text.size());
    _exit(written == static_cast<ssize_t>(text.size()) ? 0 : 1);
  }
  close(ends[1]);
  std::array<char, 256> text{};
  const ssize_t got = read(ends[0], text.data(), text.size());
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  return {text.data(), static_cast<std::size_t>(got > 0 ? got : 0)};
}

TEST(ReadFile, GivesTheContentAndReplacesWhatWasThere) {
  const TemporaryFolder folder;
  std::vector<std::uint8_t> bytes(1000, 7);
  read_file(folder.write("a.jpg", std::string("ab\0c", 4)), bytes);
  EXPECT_THAT(bytes, testing::ElementsAre('a', 'b', 0, 'c'));
  const std::string large(300'000, 'x');
  read_file(folder.write("large.jpg", large), bytes);
  EXPECT_EQ(std::string(bytes.begin(), bytes.end()), large);
}

TEST(ReadFile, AnEmptyFileIsNoBytes) {
  const TemporaryFolder folder;
  std::vector<std::uint8_t> bytes(3);
  read_file(folder.write("empty.jpg", ""), bytes);
  EXPECT_TRUE(bytes.empty());
}

TEST(ReadFile, ReadsOnPastTheSizeThatWasAnnounced) {
  std::vector<std::uint8_t> bytes;
  read_file("/proc/self/maps", bytes);  // announces 0 bytes
  EXPECT_GT(bytes.size(), 1000u);
}

TEST(ReadFile, NamesTheReason) {
  const TemporaryFolder folder;
  EXPECT_EQ(reason(folder.path("none.jpg")), "no such file");
  EXPECT_EQ(reason(""), "no such file");
  EXPECT_EQ(reason(folder.path()), "is a folder");
  EXPECT_EQ(reason(folder.write("a.jpg", "x") + "/b.jpg"), "a part of the path is not a folder");
  EXPECT_EQ(reason(folder.path(std::string("a\0.jpg", 6))), "the path holds a NUL byte");
  EXPECT_EQ(reason(folder.path(std::string(5000, 'a'))), "the path is too long for this system");
  EXPECT_EQ(reason("/dev/null"), "not a regular file");
}

TEST(ReadFile, FollowsLinksAndTellsBrokenOnes) {
  const TemporaryFolder folder;
  folder.write("a.jpg", "x");
  fs::create_symlink("a.jpg", folder.path("good.jpg"));
  fs::create_symlink("nowhere", folder.path("broken.jpg"));
  fs::create_symlink("loop.jpg", folder.path("loop.jpg"));
  EXPECT_EQ(reason(folder.path("good.jpg")), "read");
  EXPECT_EQ(reason(folder.path("broken.jpg")), "broken symbolic link");
  EXPECT_THAT(reason(folder.path("loop.jpg")), testing::HasSubstr("leads to itself"));
}

TEST(ReadFile, DoesNotWaitAtAFifo) {
  const TemporaryFolder folder;
  ASSERT_EQ(mkfifo(folder.path("fifo.jpg").c_str(), 0644), 0);
  EXPECT_EQ(reason(folder.path("fifo.jpg")), "not a regular file");
}

TEST(ReadFile, PermissionDenied) {
  const TemporaryFolder folder;
  const std::string path = folder.write("secret.jpg", "x");
  EXPECT_EQ(reason_without_root(path), "read");
  chmod(path.c_str(), 0);
  EXPECT_EQ(reason_without_root(path), "permission denied");
}

TEST(ReadFile, RefusesTwoGibibytesBeforeReadingThem) {
  const TemporaryFolder folder;
  const std::string path = folder.write("huge.jpg", "");
  fs::resize_file(path, std::uintmax_t{2} << 30);  // sparse: takes no room
  EXPECT_THAT(reason(path), testing::HasSubstr("2 GiB"));
}

}  // namespace
}  // namespace ppinfer
