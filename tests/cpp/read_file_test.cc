#include "input/read_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <filesystem>

#include "core/machine_failure.h"
#include "temporary_folder.h"

namespace ppinfer {
namespace {

namespace fs = std::filesystem;

std::string reason(const std::string& path) {
  std::vector<std::uint8_t> bytes;
  try {
    read_file(path, bytes);
  } catch (const ImageFailure& failure) {
    return (failure.stage() == Stage::kRead ? "" : std::string(to_string(failure.stage())) + ": ") + failure.what();
  }
  return "read";
}

// In a child, once `prepare` has succeeded there.
template <class Prepare>
std::string reason_in_child(const std::string& path, const Prepare& prepare) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) return "no pipe";
  const pid_t child = fork();
  if (child == 0) {
    const std::string text = prepare() ? reason(path) : "not prepared";
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

// As nobody in particular: permissions don't bind root.
std::string reason_without_root(const std::string& path) {
  constexpr uid_t kNobody = 65534;
  return reason_in_child(path, [] { return geteuid() != 0 || setuid(kNobody) == 0; });
}

TEST(ReadFile, GivesTheContentAndReplacesWhatWasThere) {
  const TemporaryFolder folder;
  std::vector<std::uint8_t> bytes(1000, 7);
  read_file(folder.write("a.jpg", std::string("ab\0c", 4)), bytes);
  EXPECT_THAT(bytes, testing::ElementsAre('a', 'b', 0, 'c'));
  const std::string large = "\xff\xd8\xff" + std::string(300'000, 'x');
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
  read_file("/proc/self/cmdline", bytes);  // announces 0 bytes
  EXPECT_GT(bytes.size(), 3u);
}

TEST(ReadFile, OfWhatIsNoImageOnlyTheStartIsHeld) {
  const TemporaryFolder folder;
  std::vector<std::uint8_t> bytes;
  const std::string path = folder.write("zeros.jpg", "");
  fs::resize_file(path, std::uintmax_t{1} << 30);  // sparse: takes no room
  read_file(path, bytes);
  EXPECT_LT(bytes.size(), 100'000u);
}

TEST(ReadFile, OfAnImageOnlyWhatIsOfUseIsHeld) {
  const TemporaryFolder folder;
  const std::string path = folder.write("a.jpg", "\xff\xd8\xff");
  static constexpr std::uint64_t kFileBytes = std::uint64_t{1} << 30;
  fs::resize_file(path, kFileBytes);  // sparse: takes no room
  std::vector<std::uint8_t> bytes;
  read_file(path, bytes, [](Span<const std::uint8_t> start, std::uint64_t file_bytes) {
    EXPECT_EQ(start.size(), kFileStartBytes);
    EXPECT_EQ(file_bytes, kFileBytes);
    return std::uint64_t{100'000};
  });
  EXPECT_EQ(bytes.size(), 100'000u);
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
  EXPECT_THAT(reason("https://example.org/a.jpg?x=1"), testing::StartsWith("is a URL, and URLs are not read"));
  EXPECT_THAT(reason("s3://bucket/a.jpg"), testing::StartsWith("is a URL, and URLs are not read"));
}

TEST(ReadFile, FollowsLinksAndTellsBrokenOnes) {
  const TemporaryFolder folder;
  folder.write("a.jpg", "x");
  fs::create_symlink("a.jpg", folder.path("good.jpg"));
  fs::create_symlink("nowhere", folder.path("broken.jpg"));
  fs::create_symlink("loop.jpg", folder.path("loop.jpg"));
  EXPECT_EQ(reason(folder.path("good.jpg")), "read");
  EXPECT_EQ(reason(folder.path("broken.jpg")), "broken symbolic link");
  EXPECT_THAT(reason(folder.path("loop.jpg")), testing::HasSubstr("leads back to the same link"));
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

TEST(ReadFile, TheMachinesFailuresAreNotTheImages) {
  const TemporaryFolder folder;
  const std::string path = folder.write("large.jpg", "\xff\xd8\xff");  // else no more than its start is held
  fs::resize_file(path, std::uintmax_t{1} << 30);
  const auto limited = [](int resource, rlim_t limit) {
    return [=] {
      const rlimit value{limit, limit};
      return setrlimit(static_cast<decltype(RLIMIT_AS)>(resource), &value) == 0;
    };
  };
  EXPECT_EQ(reason_in_child(path, limited(RLIMIT_NOFILE, 0)), "machine: too many open files in this process");
#ifndef PPINFER_SANITIZED  // AddressSanitizer itself needs more, and ends the process
  EXPECT_EQ(reason_in_child(path, limited(RLIMIT_AS, rlim_t{1} << 29)), "machine: out of memory reading 1025 MiB");
#endif
  for (const int number : {ENOMEM, EIO, EMFILE, ENFILE, ESTALE, ENODEV, ENXIO, ETIMEDOUT, ENOTCONN}) {
    EXPECT_EQ(stage_of_failed_read(number), Stage::kMachine) << number;
  }
  for (const int number : {ENOENT, EACCES, ENOTDIR, ELOOP}) EXPECT_EQ(stage_of_failed_read(number), Stage::kRead);
}

TEST(ReadFile, RefusesTwoGibibytesBeforeReadingThem) {
  const TemporaryFolder folder;
  const std::string path = folder.write("huge.jpg", "");
  fs::resize_file(path, std::uintmax_t{2} << 30);  // sparse: takes no room
  EXPECT_THAT(reason(path), testing::HasSubstr("2 GiB"));
}

}  // namespace
}  // namespace ppinfer
