// Runs over inputs that several threads ask for at once: members of an archive, chosen by patterns.
#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "made_archive.h"
#include "run_world.h"

namespace ppinfer {
namespace {

TEST_F(RunWorld, LanesTakeTurnsInAnArchive) {
  std::vector<MadeMember> members;
  for (int index = 0; index < 60; ++index) {
    const Bytes png = encode(".png", make_picture(5 + index % 7, 6));
    members.push_back({"cats/" + std::to_string(index) + ".png", std::string(png.begin(), png.end())});
    members.push_back({"small/" + std::to_string(index) + ".png", "a thumbnail"});
  }
  make_archive(folder_.path("shard.tar"), MadeFormat::kTar, members);
  InputOptions only_cats;
  only_cats.exclude = {"small/"};
  ImageFiles files({folder_.path("shard.tar")}, only_cats);
  std::atomic<bool> done{false};
  std::thread watcher([&] {
    while (!done) EXPECT_LE(files.skipped().count(), 60);
  });
  const auto records = store();
  const RunSummary totals = write_records_into(*records, predictor_, files, options_);
  done = true;
  watcher.join();
  EXPECT_EQ(totals.run.images, 60);
  EXPECT_EQ(totals.run.errors, 0);
  EXPECT_EQ(files.skipped().count(), 60);
  EXPECT_THAT(content_of(options_.output_path), testing::HasSubstr("shard.tar::cats/59.png"));
}

}  // namespace
}  // namespace ppinfer
