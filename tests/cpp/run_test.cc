// A run that is stopped wherever, and resumed, ends with the bytes of one that wasn't.
#include "ppinfer/run.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>

#include "run_world.h"

namespace ppinfer {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

TEST_F(RunWorld, ACompleteRunLeavesItsOutputAlone) {
  make_photos(20);
  const RunSummary totals = run();
  EXPECT_EQ(totals.end, RunEnd::kComplete);
  EXPECT_EQ(totals.run.images, 20);
  EXPECT_EQ(totals.run.errors, 6);
  EXPECT_TRUE(is_clean());
  std::string expected;
  ImageFiles files({folder_.path("photos")});
  for (ImageInput input; files.next(input);) {
    expected += format_record(predictor_.predict(input), RecordFormat::kJsonl);
  }
  EXPECT_EQ(content_of(options_.output_path), expected);
}

TEST_F(RunWorld, KnowsHowManyInputsThereAre) {
  make_photos(40);
  folder_.write("model.fake", "classes 3\ndelay_ms 20\n");
  predictor_ = Predictor(Config::from_overrides({{"cls_model_path", folder_.path("model.fake")},
                                                 {"engine", "fake"},
                                                 {"lanes", "1"},
                                                 {"resize_short_size", "4"},
                                                 {"crop_size", "4"}}));
  options_.counts_ahead = true;
  RunSummary first;
  const RunSummary last = run([&](const RunSummary& so_far) {
    if (first.found == 0) first = so_far;
    return true;
  });
  EXPECT_EQ(first.found, 40);
  EXPECT_TRUE(first.found_all);
  EXPECT_LT(first.run.images, 40);
  EXPECT_EQ(last.found, 40);
  EXPECT_EQ(last.run.images, 40);
}

TEST_F(RunWorld, AnEarlierOutputStaysUntilTheNewOneIsWhole) {
  make_photos(10);
  folder_.write("out.jsonl", "earlier answers\n");
  chmod(options_.output_path.c_str(), 0640);
  run_until(4);
  EXPECT_EQ(content_of(options_.output_path), "earlier answers\n");
  resume();
  EXPECT_THAT(content_of(options_.output_path), HasSubstr("9.png"));
  EXPECT_EQ(fs::status(options_.output_path).permissions(), static_cast<fs::perms>(0640));
}

TEST_F(RunWorld, ALinkStaysOneAndItsTargetIsReplaced) {
  make_photos(3);
  fs::create_directory(folder_.path("elsewhere"));
  fs::create_symlink("elsewhere/answers", options_.output_path);
  EXPECT_EQ(run_files(options_.output_path).part, folder_.path("elsewhere/answers.part"));
  run();
  EXPECT_TRUE(fs::is_symlink(options_.output_path));
  EXPECT_THAT(content_of(folder_.path("elsewhere/answers")), HasSubstr("2.png"));
}

TEST_F(RunWorld, WhatIsNoRegularFileIsWrittenDirectly) {
  for (const char* path : {"-", "/dev/null", "/dev/stdout", "/dev/fd/1"}) EXPECT_EQ(run_files(path).part, "") << path;
  fs::create_symlink("/dev/stdout", folder_.path("link"));
  EXPECT_EQ(run_files(folder_.path("link")).part, "");
  EXPECT_EQ(run_files("/dev/shm/answers").part, "/dev/shm/answers.part") << "a folder like any other";
  make_photos(3);
  options_.output_path = "/dev/null";
  EXPECT_EQ(run().run.images, 3);
  options_.resume = true;
  EXPECT_THAT(problem_of_run(), HasSubstr("needs an output that is a file"));
}

TEST_F(RunWorld, ResumesFromEveryRecord) {
  make_photos(12);
  const std::string expected = uninterrupted();
  for (int records = 1; records < 12; ++records) {
    run_until(records);
    const RunSummary totals = resume();
    EXPECT_EQ(totals.done_before, records);
    EXPECT_EQ(totals.images_in_all(), 12);
    EXPECT_EQ(totals.errors_in_all(), 4);
    EXPECT_EQ(content_of(options_.output_path), expected) << records;
    EXPECT_TRUE(is_clean());
  }
}

TEST_F(RunWorld, NothingIsLeftOfARunThatDidNothing) {
  make_photos(3);
  run_until(0);
  EXPECT_TRUE(is_clean());
  EXPECT_FALSE(is_there(options_.output_path));
}

TEST_F(RunWorld, WithoutInputsAnEarlierOutputStays) {
  std::filesystem::create_directory(folder_.path("photos"));
  options_.errors_path = folder_.path("bad.jsonl");
  EXPECT_EQ(run().end, RunEnd::kComplete);
  EXPECT_TRUE(is_clean());
  EXPECT_FALSE(is_there(options_.output_path));
  EXPECT_FALSE(is_there(options_.errors_path));
  folder_.write("out.jsonl", "earlier answers\n");
  EXPECT_EQ(run().run.images, 0);
  EXPECT_TRUE(is_clean());
  EXPECT_EQ(content_of(options_.output_path), "earlier answers\n");
}

TEST_F(RunWorld, AShardThatGetsNoInputHasAnEmptyOutput) {
  make_photos(1);
  InputOptions shard;
  shard.shard_count = 2;
  int empty = 0;
  for (shard.shard_index = 1; shard.shard_index <= 2; ++shard.shard_index) {
    folder_.write("out.jsonl", "earlier answers\n");
    ImageFiles files({folder_.path("photos")}, shard);
    const auto records = store();
    const RunSummary totals = write_records_into(*records, predictor_, files, options_);
    EXPECT_EQ(totals.run.images + totals.of_other_shards, 1);
    EXPECT_EQ(content_of(options_.output_path).empty(), totals.run.images == 0);
    EXPECT_TRUE(is_clean());
    empty += totals.run.images == 0 ? 1 : 0;
  }
  EXPECT_EQ(empty, 1);
}

TEST_F(RunWorld, SaysThatThereIsNothingToResume) {
  make_photos(3);
  const RunSummary totals = resume();
  EXPECT_TRUE(totals.nothing_to_resume);
  EXPECT_EQ(totals.run.images, 3);
  EXPECT_FALSE(run().nothing_to_resume);
}

class RunWithOutput : public RunWorld {
 protected:
  RunWithOutput() {
    make_photos(12);
    KilledAtTheEnd killed(store(), -1);
    ImageFiles files({folder_.path("photos")});
    EXPECT_THROW(write_records_into(killed, predictor_, files, options_), RuntimeFailure);
    EXPECT_TRUE(is_there(options_.output_path) && is_there(manifest()) && !is_there(part()));
  }
};

TEST_F(RunWithOutput, IsResumedAsComplete) {
  const std::string records = content_of(options_.output_path);
  fs::remove_all(folder_.path("photos"));
  const RunSummary totals = resume();
  EXPECT_EQ(totals.end, RunEnd::kComplete);
  EXPECT_EQ(totals.done_before, 12);
  EXPECT_EQ(totals.errors_before, 4);
  EXPECT_EQ(totals.run.images, 0);
  EXPECT_FALSE(totals.nothing_to_resume);
  EXPECT_EQ(content_of(options_.output_path), records);
  EXPECT_TRUE(is_clean());
}

// Its bad images may have been moved: with them gone, their records would be, too.
TEST_F(RunWithOutput, IsNoneToStartOverByAnotherCall) {
  const std::string records = content_of(options_.output_path);
  EXPECT_THAT(problem_of_run(), HasSubstr("--resume ends the run, --force starts over"));
  options_.resume = true;
  options_.identity = {{"callers_key", "1"}};
  EXPECT_THAT(problem_of_run(), HasSubstr("callers_key is 1, was 5"));
  EXPECT_EQ(content_of(options_.output_path), records);
  options_.resume = false;
  options_.force = true;
  EXPECT_EQ(run().run.images, 12);
  EXPECT_TRUE(is_clean());
}

TEST_F(RunWithOutput, IsDoneAgainWhereItIsOlder) {
  fs::last_write_time(manifest(), fs::file_time_type::clock::now() + std::chrono::hours(1));
  const RunSummary totals = resume();
  EXPECT_EQ(totals.run.images, 12);
  EXPECT_TRUE(totals.nothing_to_resume);
}

TEST_F(RunWorld, ForceStartsOver) {
  make_photos(9);
  const std::string expected = uninterrupted();
  run_until(5);
  options_.force = true;
  options_.identity = {{"callers_key", "1"}};
  EXPECT_EQ(run().done_before, 0);
  EXPECT_EQ(content_of(options_.output_path), expected);
}

TEST_F(RunWorld, StopsWhereItsWatchSaysAndGoesOnLater) {
  make_photos(9);
  folder_.write("model.fake", "classes 3\ndelay_ms 60\n");
  predictor_ = Predictor(Config::from_overrides({{"cls_model_path", folder_.path("model.fake")},
                                                 {"engine", "fake"},
                                                 {"lanes", "1"},
                                                 {"resize_short_size", "4"},
                                                 {"crop_size", "4"}}));
  std::int64_t seen = 0;
  const RunSummary stopped = run([&](const RunSummary& so_far) {
    seen = so_far.images_in_all();
    return false;
  });
  EXPECT_EQ(stopped.end, RunEnd::kInterrupted);
  EXPECT_GE(stopped.images_in_all(), std::max<std::int64_t>(seen, 1));
  EXPECT_LT(stopped.images_in_all(), 9);
  const RunSummary totals = resume();
  EXPECT_EQ(totals.done_before, stopped.images_in_all());
  EXPECT_EQ(totals.images_in_all(), 9);
}

TEST_F(RunWorld, CanBeInterruptedWhileItSkipsAListThatDoesNotGoOn) {
  make_photos(9);
  std::string all;
  std::string three;
  for (int index = 0; index < 9; ++index) {
    (index < 3 ? three : all) += folder_.path("photos/" + std::to_string(index) + ".png") + "\n";
  }
  all = three + all;
  InputOptions listed;
  listed.list_path = folder_.write("list", all);
  {
    StoppingStore stopping(store(), 6);
    ImageFiles files({}, listed);
    EXPECT_THROW(write_records_into(stopping, predictor_, files, options_), RuntimeFailure);
  }
  const std::string done = content_of(part());
  fs::remove(listed.list_path);
  ASSERT_EQ(mkfifo(listed.list_path.c_str(), 0600), 0);
  const int writer = open(listed.list_path.c_str(), O_RDWR);
  ASSERT_EQ(write(writer, three.data(), three.size()), static_cast<ssize_t>(three.size()));
  options_.resume = true;
  const auto records = store();
  ImageFiles files({}, listed);
  const RunSummary totals =
      write_records_into(*records, predictor_, files, options_, [](const RunSummary&) { return false; });
  close(writer);
  EXPECT_EQ(totals.end, RunEnd::kInterrupted);
  EXPECT_EQ(totals.images_in_all(), 6);
  EXPECT_EQ(totals.errors_in_all(), 2);
  EXPECT_EQ(content_of(part()), done) << "all is left as it was";
  fs::remove(listed.list_path);
  folder_.write("list", all);
  ImageFiles again({}, listed);
  EXPECT_EQ(write_records_into(*store(), predictor_, again, options_).images_in_all(), 9);
}

// Kill -9 may cut what it likes, where it likes.
class TornRun : public RunWorld, public testing::WithParamInterface<RecordFormat> {
 protected:
  static void cut_file(const std::string& path, const std::string& content, std::size_t bytes) {
    std::ofstream(path, std::ios::binary) << content.substr(0, bytes);
  }
};

INSTANTIATE_TEST_SUITE_P(Formats, TornRun,
                         testing::Values(RecordFormat::kText, RecordFormat::kJsonl, RecordFormat::kCsv));

TEST_P(TornRun, ResumesFromEveryByte) {
  options_.format = GetParam();
  make_photos(3);
  folder_.write("photos/0 \"name\",\nof two lines.png", "no image");
  const std::string expected = uninterrupted();
  run_until(2);
  const std::string whole_part = content_of(part());
  const std::string whole_manifest = content_of(manifest());
  ASSERT_EQ(expected.substr(0, whole_part.size()), whole_part);
  // CSV has all there is to get wrong: a header, and line ends within records.
  const std::size_t step = GetParam() == RecordFormat::kCsv ? 1 : 7;
  for (std::size_t bytes = 0; bytes <= whole_part.size(); bytes += step) {
    cut_file(part(), whole_part, bytes);
    cut_file(manifest(), whole_manifest, whole_manifest.size());
    const RunSummary summary = resume();
    EXPECT_EQ(summary.images_in_all(), 4);
    EXPECT_EQ(content_of(options_.output_path), expected) << bytes << " bytes";
    fs::remove(options_.output_path);
  }
}

TEST_P(TornRun, WhatABlockOfZerosHidesIsDoneAgain) {
  options_.format = GetParam();
  make_photos(9);
  const std::string expected = uninterrupted();
  run_until(8);
  std::string records = content_of(part());
  for (std::size_t index = records.size() / 2; index < records.size(); ++index) records[index] = '\0';
  std::ofstream(part(), std::ios::binary) << records;
  const RunSummary totals = resume();
  EXPECT_GE(totals.done_before, 3);
  EXPECT_LT(totals.done_before, 8);
  EXPECT_EQ(content_of(options_.output_path), expected);
}

}  // namespace
}  // namespace ppinfer
