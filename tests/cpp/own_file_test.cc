#include "core/own_file.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

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

std::string problem_of(const std::string& path, OwnFile mode) {
  try {
    ::close(open_own_file(path, mode));
  } catch (const RuntimeFailure& error) {
    return error.what();
  }
  return "";
}

class OwnFileTest : public testing::Test {
 protected:
  std::string content(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(folder_.path(name), std::ios::binary).rdbuf();
    return text.str();
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_.path("out.part");
};

TEST_F(OwnFileTest, KeepsWhatTheUserLeftAndMakesWhatIsMissing) {
  EXPECT_EQ(problem_of(path_, OwnFile::kKeep), "");
  folder_.write("out.part", "left");
  EXPECT_EQ(problem_of(path_, OwnFile::kKeep), "");
  EXPECT_EQ(content("out.part"), "left");
  EXPECT_EQ(problem_of(path_, OwnFile::kFresh), "");
  EXPECT_EQ(content("out.part"), "");
}

// What somebody else may have put there first.
TEST_F(OwnFileTest, RefusesWhatIsNotTheUsersAlone) {
  folder_.write("victim", "precious");
  const auto refused = [this](const char* reason) {
    EXPECT_THAT(problem_of(path_, OwnFile::kKeep), AllOf(HasSubstr("out.part"), HasSubstr(reason)));
    fs::remove(path_);
  };
  fs::create_symlink(folder_.path("victim"), path_);
  refused("symbolic link");
  fs::create_symlink(folder_.path("nowhere"), path_);
  refused("symbolic link");
  EXPECT_FALSE(fs::exists(folder_.path("nowhere")));
  fs::create_hard_link(folder_.path("victim"), path_);
  refused("hard link");
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  refused("isn't a regular file");
  fs::create_directory(path_);
  refused("folder");
  folder_.write("out.part", "");
  fs::permissions(path_, fs::perms(0666));
  refused("other users may write to it");
  if (::geteuid() == 0) {  // only root can give a file away
    folder_.write("out.part", "");
    ASSERT_EQ(::chown(path_.c_str(), 12345, 12345), 0);
    refused("belongs to another user");
  }
  EXPECT_EQ(content("victim"), "precious");
}

TEST_F(OwnFileTest, AFreshOneTakesThePlaceOfALinkAndLeavesItsTarget) {
  folder_.write("victim", "precious");
  for (const bool is_symbolic : {true, false}) {
    if (is_symbolic) {
      fs::create_symlink(folder_.path("victim"), path_);
    } else {
      fs::create_hard_link(folder_.path("victim"), path_);
    }
    const int descriptor = open_own_file(path_, OwnFile::kFresh);
    ASSERT_EQ(::write(descriptor, "x", 1), 1);
    ::close(descriptor);
    EXPECT_EQ(content("victim"), "precious");
    EXPECT_EQ(content("out.part"), "x");
    fs::remove(path_);
  }
}

// As every new file is under this umask.
TEST_F(OwnFileTest, TakesModesThatEveryNewFileHas) {
  const mode_t before = ::umask(0);
  EXPECT_EQ(problem_of(path_, OwnFile::kKeep), "");
  EXPECT_EQ(problem_of(path_, OwnFile::kKeep), "");
  ::umask(before);
  const auto files = std::distance(fs::directory_iterator(fs::path(path_).parent_path()), fs::directory_iterator());
  EXPECT_EQ(files, 1);
}

}  // namespace
}  // namespace ppinfer
