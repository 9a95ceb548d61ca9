// Jobs over inputs that several threads ask for at once: members of an archive, chosen by patterns.
#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <thread>

#include "job_world.h"
#include "made_archive.h"

namespace ppinfer {
namespace {

TEST_F(JobWorld, LanesTakeTurnsInAnArchive) {
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
  const JobTotals totals = run_job(predictor_, files, *records, options_);
  done = true;
  watcher.join();
  EXPECT_EQ(totals.run.images, 60);
  EXPECT_EQ(totals.run.errors, 0);
  EXPECT_EQ(files.skipped().count(), 60);
  EXPECT_THAT(content_of(options_.output_path), testing::HasSubstr("shard.tar::cats/59.png"));
}

// The members' names, sizes and times stay, as those of shards that a script makes: only the archive tells.
TEST_F(JobWorld, AReplacedArchiveIsRefused) {
  namespace fs = std::filesystem;
  const auto make = [this](const std::string& other, const std::vector<MadeMember>& more = {}) {
    std::vector<MadeMember> members{{"a.png", other}, {"b.png", "no image"}, {"c.png", "no image"}};
    members.insert(members.end(), more.begin(), more.end());
    make_archive(folder_.path("photos/r.tar"), MadeFormat::kTar, members);
  };
  fs::create_directory(folder_.path("photos"));
  make("one");
  const auto then = fs::last_write_time(folder_.path("photos/r.tar"));
  run_until(2);
  options_.resume = true;
  const std::string refusal = "photos/r.tar::a.png may have changed: its archive was replaced or written to";
  make("two");
  fs::last_write_time(folder_.path("photos/r.tar"), then + std::chrono::seconds(1));
  EXPECT_THAT(problem_of_run(), testing::HasSubstr(refusal));
  make("two", {{"more.txt", std::string(50'000, 'x')}});
  fs::last_write_time(folder_.path("photos/r.tar"), then);
  EXPECT_THAT(problem_of_run(), testing::HasSubstr(refusal)) << "of the same time, but another size";
  make("one");
  fs::last_write_time(folder_.path("photos/r.tar"), then);
  EXPECT_EQ(run().images(), 3) << "untouched, it goes on";
}

}  // namespace
}  // namespace ppinfer
