#include "output/output_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "ppinfer/error.h"
#include "temporary_folder.h"

namespace ppinfer {
namespace {

class FlushWhatFits : public testing::Test {
 protected:
  std::string make_pipe() const {
    const std::string path = folder_.path("pipe");
    EXPECT_EQ(mkfifo(path.c_str(), 0600), 0);
    return path;
  }

  std::string read_what_is_there() const {
    std::string all(1 << 20, '\0');
    const ssize_t got = read(reader_, all.data(), all.size());
    return all.substr(0, got > 0 ? static_cast<std::size_t>(got) : 0);
  }

  const TemporaryFolder folder_;
  const std::string path_ = make_pipe();
  const int reader_ = open(path_.c_str(), O_RDONLY | O_NONBLOCK);
};

TEST_F(FlushWhatFits, WaitsForNoReader) {
  OutputFile file(path_);
  std::string expected;
  for (int line = 0; line < 30'000; ++line) expected += std::to_string(line) + "\n";  // more than a pipe holds
  file.buffer() += expected;
  EXPECT_FALSE(file.flush_what_fits());
  EXPECT_FALSE(file.flush_what_fits()) << "the pipe is full";
  std::string received = read_what_is_there();
  EXPECT_FALSE(received.empty());
  while (!file.flush_what_fits()) received += read_what_is_there();
  received += read_what_is_there();
  EXPECT_TRUE(file.buffer().empty());
  close(reader_);
  EXPECT_TRUE(received == expected) << received.size() << " bytes of " << expected.size();
}

TEST_F(FlushWhatFits, SaysThatTheReaderHasGone) {
  signal(SIGPIPE, SIG_IGN);
  OutputFile file(path_);
  file.buffer() += "a\n";
  close(reader_);
  try {
    file.flush_what_fits();
    FAIL() << "nobody reads it";
  } catch (const RuntimeFailure& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("the reader has closed the pipe"));
  }
}

}  // namespace
}  // namespace ppinfer
