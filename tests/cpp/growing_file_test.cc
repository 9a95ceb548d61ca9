#include "ppinfer/growing_file.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "ppinfer/error.h"
#include "temporary_folder.h"

namespace ppinfer {
namespace {

using testing::AllOf;
using testing::HasSubstr;
namespace fs = std::filesystem;

template <class Act>
std::string problem_of(const Act& act) {
  try {
    act();
  } catch (const RuntimeFailure& error) {
    return error.what();
  }
  return "";
}

class GrowingFileTest : public testing::Test {
 protected:
  std::string content() const {
    std::ostringstream text;
    text << std::ifstream(path_, std::ios::binary).rdbuf();
    return text.str();
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_.path("out.part");
};

TEST_F(GrowingFileTest, GrowsFromWhereItWasCut) {
  folder_.write("out.part", "0123456789");
  GrowingFile file(path_);
  file.open();
  EXPECT_EQ(file.bytes(), 10);
  char some[20];
  EXPECT_EQ(file.read(4, some, sizeof some), 6U);
  EXPECT_EQ(std::string(some, 6), "456789");
  file.truncate(3);
  file.buffer() += "abc";
  EXPECT_EQ(content(), "012");
  file.flush();
  EXPECT_EQ(content(), "012abc");
  EXPECT_EQ(file.bytes(), 6);
  file.buffer() += "d";
  file.flush();
  file.sync();
  file.rename_to(folder_.path("out"));
  EXPECT_FALSE(fs::exists(path_));
  std::ifstream placed(folder_.path("out"));
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(placed), {}), "012abcd");
}

TEST_F(GrowingFileTest, IsFullAt64KiB) {
  GrowingFile file(path_);
  file.open();
  file.buffer().append((64 << 10) - 1, 'x');
  EXPECT_FALSE(file.full());
  file.buffer() += 'x';
  EXPECT_TRUE(file.full());
}

TEST_F(GrowingFileTest, BelongsToOneAtATime) {
  GrowingFile first(path_);
  first.open();
  GrowingFile second(path_);
  EXPECT_THAT(problem_of([&] { second.open(); }), AllOf(HasSubstr(path_), HasSubstr("another run")));
  EXPECT_FALSE(second.is_open());
  first.remove();
  second.open();
  EXPECT_TRUE(fs::exists(path_));
}

TEST_F(GrowingFileTest, IsOneThatCanBeCut) {
  GrowingFile device("/dev/null");
  EXPECT_THAT(problem_of([&] { device.open(); }), HasSubstr("isn't a regular file"));
  GrowingFile folder(folder_.path());
  EXPECT_THAT(problem_of([&] { folder.open(); }), HasSubstr("it is a folder"));
}

TEST_F(GrowingFileTest, MissesItself) {
  GrowingFile file(path_);
  file.open();
  file.flush();
  fs::rename(path_, folder_.path("moved"));
  EXPECT_THAT(problem_of([&] { file.flush(); }), HasSubstr("removed or replaced"));
  EXPECT_NE(problem_of([&] { file.flush(); }), "") << "it stays broken";
}

}  // namespace
}  // namespace ppinfer
