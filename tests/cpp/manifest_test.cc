#include "run/manifest.h"

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "run/identity.h"
#include "temporary_folder.h"

namespace ppinfer {
namespace {

const RunIdentity kIdentity = shown({{"topk", "5"}, {"path \xff\n", std::string("a\0b", 3)}, {"", ""}});

const std::string kRunId = Manifest::make_run_id();

class ManifestTest : public testing::Test {
 protected:
  void make(bool complete) const {
    Manifest manifest(path_);
    manifest.open();
    manifest.announce(kRunId);
    manifest.begin(kIdentity);
    if (complete) manifest.mark_complete({12, 4});
  }

  std::string content() const {
    std::ostringstream text;
    text << std::ifstream(path_, std::ios::binary).rdbuf();
    return text.str();
  }
  void put(const std::string& bytes) const { std::ofstream(path_, std::ios::binary) << bytes; }

  const TemporaryFolder folder_;
  const std::string path_ = folder_.path("out.manifest");
};

TEST_F(ManifestTest, ComesBackAsItWas) {
  for (const bool complete : {false, true}) {
    make(complete);
    Manifest manifest(path_);
    manifest.open();
    EXPECT_TRUE(manifest.is_whole());
    EXPECT_EQ(manifest.identity(), kIdentity);
    EXPECT_EQ(manifest.run_id(), kRunId);
    ASSERT_EQ(manifest.complete().has_value(), complete);
    if (!complete) continue;
    EXPECT_EQ(manifest.complete()->images, 12);
    EXPECT_EQ(manifest.complete()->errors, 4);
  }
}

// A kill may leave any number of bytes: the last whole line is true, and the next run goes on behind it.
TEST_F(ManifestTest, IsCutAnywhere) {
  {
    Manifest manifest(path_);
    manifest.open();
    manifest.announce(kRunId);
    manifest.begin(kIdentity);
    manifest.mark_complete({12, 4});
    manifest.announce(kRunId);
  }
  const std::string whole = content();
  const std::size_t first = whole.find('\n') + 1;
  const std::size_t second = whole.find('\n', first) + 1;
  const std::size_t third = whole.find('\n', second) + 1;
  for (std::size_t bytes = 0; bytes <= whole.size(); ++bytes) {
    put(whole.substr(0, bytes));
    Manifest manifest(path_);
    manifest.open();
    EXPECT_EQ(manifest.is_starting(), (bytes >= first && bytes < second) || bytes == whole.size()) << bytes;
    EXPECT_EQ(manifest.is_whole(), bytes >= second && bytes < whole.size()) << bytes;
    EXPECT_EQ(manifest.complete().has_value(), bytes >= third && bytes < whole.size()) << bytes;
    EXPECT_FALSE(manifest.is_foreign()) << bytes;
    manifest.announce(kRunId);
    manifest.begin(kIdentity);
    manifest.close();
    Manifest again(path_);
    again.open();
    EXPECT_TRUE(again.is_whole() && !again.complete()) << bytes;
  }
}

TEST_F(ManifestTest, TheLastCountsAreThose) {
  make(true);
  {
    Manifest manifest(path_);
    manifest.open();
    manifest.mark_complete({15, 5});
  }
  Manifest manifest(path_);
  manifest.open();
  EXPECT_EQ(manifest.complete()->images, 15);
}

TEST_F(ManifestTest, SomebodyElsesFileIsForeign) {
  for (const std::string& bytes :
       {std::string("my notes\n"), std::string("{\"ppinfer_run\":2,"), std::string("{}\n")}) {
    put(bytes);
    Manifest manifest(path_);
    manifest.open();
    EXPECT_TRUE(manifest.is_foreign()) << bytes;
    EXPECT_FALSE(manifest.is_whole());
  }
}

}  // namespace
}  // namespace ppinfer
