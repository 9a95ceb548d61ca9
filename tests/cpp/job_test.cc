// A job that is stopped wherever, and resumed, ends with the bytes of one that wasn't.
#include "ppinfer/job.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>

#include "job_world.h"

namespace ppinfer {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

TEST_F(JobWorld, ACompleteRunLeavesItsOutputAlone) {
  make_photos(20);
  const JobTotals totals = run();
  EXPECT_EQ(totals.end, JobEnd::kComplete);
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

TEST_F(JobWorld, AnEarlierOutputStaysUntilTheNewOneIsWhole) {
  make_photos(10);
  folder_.write("out.jsonl", "earlier answers\n");
  chmod(options_.output_path.c_str(), 0640);
  run_until(4);
  EXPECT_EQ(content_of(options_.output_path), "earlier answers\n");
  resume();
  EXPECT_THAT(content_of(options_.output_path), HasSubstr("9.png"));
  EXPECT_EQ(fs::status(options_.output_path).permissions(), static_cast<fs::perms>(0640));
}

TEST_F(JobWorld, ALinkStaysOneAndItsTargetIsReplaced) {
  make_photos(3);
  fs::create_directory(folder_.path("elsewhere"));
  fs::create_symlink("elsewhere/answers", options_.output_path);
  EXPECT_EQ(job_files(options_.output_path).part, folder_.path("elsewhere/answers.part"));
  run();
  EXPECT_TRUE(fs::is_symlink(options_.output_path));
  EXPECT_THAT(content_of(folder_.path("elsewhere/answers")), HasSubstr("2.png"));
}

TEST_F(JobWorld, WhatIsNoRegularFileIsWrittenDirectly) {
  for (const char* path : {"-", "/dev/null", "/dev/stdout", "/dev/fd/1"}) EXPECT_EQ(job_files(path).part, "") << path;
  fs::create_symlink("/dev/stdout", folder_.path("link"));
  EXPECT_EQ(job_files(folder_.path("link")).part, "");
  EXPECT_EQ(job_files("/dev/shm/answers").part, "/dev/shm/answers.part") << "a folder like any other";
  make_photos(3);
  options_.output_path = "/dev/null";
  EXPECT_EQ(run().run.images, 3);
  options_.resume = true;
  EXPECT_THAT(problem_of_run(), HasSubstr("needs an output that is a file"));
}

TEST_F(JobWorld, ResumesFromEveryRecord) {
  make_photos(12);
  const std::string expected = uninterrupted();
  for (int records = 1; records < 12; ++records) {
    run_until(records);
    const JobTotals totals = resume();
    EXPECT_EQ(totals.done_before, records);
    EXPECT_EQ(totals.images(), 12);
    EXPECT_EQ(totals.errors(), 4);
    EXPECT_EQ(content_of(options_.output_path), expected) << records;
    EXPECT_TRUE(is_clean());
  }
}

TEST_F(JobWorld, NothingIsLeftOfARunThatDidNothing) {
  make_photos(3);
  run_until(0);
  EXPECT_TRUE(is_clean());
  EXPECT_FALSE(is_there(options_.output_path));
}

TEST_F(JobWorld, WithoutInputsAnEarlierOutputStays) {
  std::filesystem::create_directory(folder_.path("photos"));
  options_.errors_path = folder_.path("bad.jsonl");
  EXPECT_EQ(run().end, JobEnd::kComplete);
  EXPECT_TRUE(is_clean());
  EXPECT_FALSE(is_there(options_.output_path));
  EXPECT_FALSE(is_there(options_.errors_path));
  folder_.write("out.jsonl", "earlier answers\n");
  EXPECT_EQ(run().run.images, 0);
  EXPECT_TRUE(is_clean());
  EXPECT_EQ(content_of(options_.output_path), "earlier answers\n");
}

TEST_F(JobWorld, AShardThatGetsNoInputHasAnEmptyOutput) {
  make_photos(1);
  InputOptions shard;
  shard.shard_count = 2;
  int empty = 0;
  for (shard.shard_index = 1; shard.shard_index <= 2; ++shard.shard_index) {
    folder_.write("out.jsonl", "earlier answers\n");
    ImageFiles files({folder_.path("photos")}, shard);
    const auto records = store();
    const JobTotals totals = run_job(predictor_, files, *records, options_);
    EXPECT_EQ(totals.run.images + totals.of_other_shards, 1);
    EXPECT_EQ(content_of(options_.output_path).empty(), totals.run.images == 0);
    EXPECT_TRUE(is_clean());
    empty += totals.run.images == 0 ? 1 : 0;
  }
  EXPECT_EQ(empty, 1);
}

TEST_F(JobWorld, SaysThatThereIsNothingToResume) {
  make_photos(3);
  const JobTotals totals = resume();
  EXPECT_TRUE(totals.nothing_to_resume);
  EXPECT_EQ(totals.run.images, 3);
  EXPECT_FALSE(run().nothing_to_resume);
}

// As a kill leaves it that comes between the last rename and the removal of the journal.
class KilledAtTheEnd : public StoppingStore {
 public:
  using StoppingStore::StoppingStore;
  void put_in_place() override {
    StoppingStore::put_in_place();
    throw RuntimeFailure("killed");
  }
};

class JobWithOutput : public JobWorld {
 protected:
  JobWithOutput() {
    make_photos(12);
    KilledAtTheEnd killed(store(), -1);
    ImageFiles files({folder_.path("photos")});
    EXPECT_THROW(run_job(predictor_, files, killed, options_), RuntimeFailure);
    EXPECT_TRUE(is_there(options_.output_path) && is_there(journal()) && !is_there(part()));
  }
};

TEST_F(JobWithOutput, IsResumedAsComplete) {
  const std::string records = content_of(options_.output_path);
  fs::remove_all(folder_.path("photos"));
  const JobTotals totals = resume();
  EXPECT_EQ(totals.end, JobEnd::kComplete);
  EXPECT_EQ(totals.done_before, 12);
  EXPECT_EQ(totals.errors_before, 4);
  EXPECT_EQ(totals.run.images, 0);
  EXPECT_FALSE(totals.nothing_to_resume);
  EXPECT_EQ(content_of(options_.output_path), records);
  EXPECT_TRUE(is_clean());
}

TEST_F(JobWithOutput, IsDoneAgainWhereItIsAnotherOrOlder) {
  options_.identity = {{"topk", "1"}};
  EXPECT_EQ(resume().run.images, 12);
  options_.identity = {{"topk", "5"}};
  KilledAtTheEnd killed(store(), -1);
  ImageFiles files({folder_.path("photos")});
  EXPECT_THROW(run_job(predictor_, files, killed, options_), RuntimeFailure);
  fs::last_write_time(journal(), fs::file_time_type::clock::now() + std::chrono::hours(1));
  const JobTotals totals = resume();
  EXPECT_EQ(totals.run.images, 12);
  EXPECT_TRUE(totals.nothing_to_resume);
}

TEST_F(JobWorld, ForceStartsOver) {
  make_photos(9);
  const std::string expected = uninterrupted();
  run_until(5);
  options_.force = true;
  options_.identity = {{"topk", "1"}};
  EXPECT_EQ(run().done_before, 0);
  EXPECT_EQ(content_of(options_.output_path), expected);
}

TEST_F(JobWorld, StopsWhereItsWatchSaysAndGoesOnLater) {
  make_photos(9);
  folder_.write("model.fake", "classes 3\ndelay_ms 60\n");
  predictor_ = Predictor(Config::from_overrides({{"cls_model_path", folder_.path("model.fake")},
                                                 {"engine", "fake"},
                                                 {"lanes", "1"},
                                                 {"resize_short_size", "4"},
                                                 {"crop_size", "4"}}));
  std::int64_t seen = 0;
  const JobTotals stopped = run([&](const JobTotals& so_far) {
    seen = so_far.images();
    return false;
  });
  EXPECT_EQ(stopped.end, JobEnd::kInterrupted);
  EXPECT_GE(stopped.images(), std::max<std::int64_t>(seen, 1));
  EXPECT_LT(stopped.images(), 9);
  const JobTotals totals = resume();
  EXPECT_EQ(totals.done_before, stopped.images());
  EXPECT_EQ(totals.images(), 9);
}

TEST_F(JobWorld, CanBeInterruptedWhileItPassesOverAListThatDoesNotGoOn) {
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
    EXPECT_THROW(run_job(predictor_, files, stopping, options_), RuntimeFailure);
  }
  const std::string done = content_of(part());
  listed.list_path = folder_.path("pipe");
  ASSERT_EQ(mkfifo(listed.list_path.c_str(), 0600), 0);
  const int writer = open(listed.list_path.c_str(), O_RDWR);
  ASSERT_EQ(write(writer, three.data(), three.size()), static_cast<ssize_t>(three.size()));
  options_.resume = true;
  const auto records = store();
  ImageFiles files({}, listed);
  const JobTotals totals = run_job(predictor_, files, *records, options_, [](const JobTotals&) { return false; });
  close(writer);
  EXPECT_EQ(totals.end, JobEnd::kInterrupted);
  EXPECT_EQ(totals.images(), 6);
  EXPECT_EQ(totals.errors(), 2);
  EXPECT_EQ(content_of(part()), done) << "all is left as it was";
  listed.list_path = folder_.path("list");
  ImageFiles again({}, listed);
  EXPECT_EQ(run_job(predictor_, again, *store(), options_).images(), 9);
}

// Kill -9 may cut what it likes, where it likes.
class TornJob : public JobWorld, public testing::WithParamInterface<RecordFormat> {
 protected:
  static void cut_file(const std::string& path, const std::string& content, std::size_t bytes) {
    std::ofstream(path, std::ios::binary) << content.substr(0, bytes);
  }
};

INSTANTIATE_TEST_SUITE_P(Formats, TornJob,
                         testing::Values(RecordFormat::kText, RecordFormat::kJsonl, RecordFormat::kCsv));

TEST_P(TornJob, ResumesFromEveryByte) {
  options_.errors_format = GetParam();
  make_photos(3);
  folder_.write("photos/0 \"name\",\nof two lines.png", "no image");
  const std::string expected = uninterrupted();
  run_until(2);
  const std::string whole_part = content_of(part());
  const std::string whole_journal = content_of(journal());
  ASSERT_EQ(expected.substr(0, whole_part.size()), whole_part);
  const auto resumes_to_the_same = [&](std::size_t part_bytes, std::size_t journal_bytes) {
    cut_file(part(), whole_part, part_bytes);
    cut_file(journal(), whole_journal, journal_bytes);
    const JobTotals totals = resume();
    EXPECT_EQ(totals.images(), 4);
    EXPECT_EQ(content_of(options_.output_path), expected) << part_bytes << " bytes, journal " << journal_bytes;
    fs::remove(options_.output_path);
  };
  // CSV has all there is to get wrong: a header, and line ends within records.
  const std::size_t step = GetParam() == RecordFormat::kCsv ? 1 : 7;
  for (std::size_t bytes = 0; bytes <= whole_part.size(); bytes += step) {
    resumes_to_the_same(bytes, whole_journal.size());
  }
  for (std::size_t bytes = whole_journal.size() - 2 * 32; bytes <= whole_journal.size(); bytes += step) {
    resumes_to_the_same(whole_part.size(), bytes);
  }
}

TEST_P(TornJob, WhatABlockOfZerosHidesIsDoneAgain) {
  options_.errors_format = GetParam();
  make_photos(9);
  const std::string expected = uninterrupted();
  run_until(8);
  std::string records = content_of(part());
  for (std::size_t index = records.size() / 2; index < records.size(); ++index) records[index] = '\0';
  std::ofstream(part(), std::ios::binary) << records;
  const JobTotals totals = resume();
  EXPECT_GE(totals.done_before, 3);
  EXPECT_LT(totals.done_before, 8);
  EXPECT_EQ(content_of(options_.output_path), expected);
}

}  // namespace
}  // namespace ppinfer
