// Full disks, files that vanish, and too many errors: a clear end, and nothing that can't be resumed.
#include <gmock/gmock.h>
#include <sys/resource.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <utility>

#include "ppinfer/growing_file.h"
#include "run/manifest.h"
#include "run_world.h"

namespace ppinfer {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
namespace fs = std::filesystem;

// No file of the process may grow beyond this, as on a disk that is full.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { setrlimit(RLIMIT_FSIZE, &before_); }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
};

TEST_F(RunWorld, AFullDiskEndsARunThatGoesOnWhenThereIsRoom) {
  make_photos(3);
  // Long records, so that what is left of them is more than the limit lets in.
  for (int index = 0; index < 40; ++index) {
    folder_.write(
        "photos/" + std::string(200, 'a') + "/" + std::string(200, 'b') + "/" + std::to_string(100 + index) + ".png",
        "no image");
  }
  const std::string expected = uninterrupted();
  ASSERT_GT(expected.size(), 20'000U);
  run_until(20);
  const std::string before = content_of(part());
  {
    const FileSizeLimit limit(before.size() + 100);
    options_.resume = true;
    EXPECT_THAT(problem_of_run(), AllOf(HasSubstr("cannot write " + part()), HasSubstr("File too large")));
  }
  EXPECT_EQ(content_of(part()), before);
  EXPECT_EQ(run().done_before, 20);
  EXPECT_EQ(content_of(options_.output_path), expected);
}

TEST_F(RunWorld, ADeviceThatIsFullSaysSo) {
  make_photos(3);
  options_.output_path = "/dev/full";
  EXPECT_THAT(problem_of_run(), HasSubstr("No space left"));
}

class SlowRun : public RunWorld {
 protected:
  SlowRun() {
    make_photos(60);
    folder_.write("model.fake", "classes 3\ndelay_ms 40\n");
    predictor_ = Predictor(Config::from_overrides({{"cls_model_path", folder_.path("model.fake")},
                                                   {"engine", "fake"},
                                                   {"lanes", "1"},
                                                   {"resize_short_size", "4"},
                                                   {"crop_size", "4"}}));
  }

  std::string problem_of(const ProgressCallback& watch) {
    try {
      run(watch);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
};

TEST_F(SlowRun, NoticesThatItsPartWasRemoved) {
  std::int64_t images = 0;
  EXPECT_THAT(problem_of([&](const RunSummary& so_far) {
                fs::remove(part());
                images = so_far.images_in_all();
                return true;
              }),
              AllOf(HasSubstr(part()), HasSubstr("removed or replaced")));
  EXPECT_LT(images, 40);  // it didn't take until the end
  EXPECT_FALSE(is_there(options_.output_path));
}

TEST_F(SlowRun, NoticesThatItsPartWasReplaced) {
  EXPECT_THAT(problem_of([&](const RunSummary&) {
                fs::remove(part());
                std::ofstream(part()) << "mine\n";
                return true;
              }),
              HasSubstr("removed or replaced"));
  EXPECT_EQ(content_of(part()), "mine\n");
}

TEST_F(SlowRun, KeepsNothingBackForLong) {
  std::int64_t done = 0;
  run([&](const RunSummary& so_far) {
    // 40 ms an image: what is half a second old is on disk, and as much again is for a machine that is busy.
    const std::string records = content_of(part());
    const auto stored = std::count(records.begin(), records.end(), '\n');
    EXPECT_GE(stored, so_far.images_in_all() - 26);
    done = std::max<std::int64_t>(done, stored);
    return so_far.images_in_all() < 50;
  });
  EXPECT_GT(done, 5);
}

TEST_F(SlowRun, AnInputThatVanishesIsAnErrorOfItsOwn) {
  bool removed = false;
  const RunSummary totals = run([&](const RunSummary& so_far) {
    if (!removed && so_far.images_in_all() > 2) removed = fs::remove(folder_.path("photos/9.png"));
    return true;
  });
  EXPECT_TRUE(removed);
  EXPECT_EQ(totals.images_in_all(), 60);
  EXPECT_THAT(content_of(options_.output_path),
              HasSubstr("9.png\", \"status\": \"error\", \"error\": {\"stage\": \"read\""));
}

TEST_F(SlowRun, WhatTheWatchThrowsComesOutAndLeavesWhatWasDone) {
  EXPECT_EQ(problem_of([](const RunSummary& so_far) {
              if (so_far.images_in_all() > 4) throw RuntimeFailure("enough");
              return true;
            }),
            "enough");
  EXPECT_GT(resume().done_before, 4);
}

class RunErrors : public RunWorld {
 protected:
  RunErrors() { options_.errors_path = folder_.path("errors.jsonl"); }
  // Those beside the errors' file; the one of a run that is going on, or was stopped.
  std::vector<std::string> errors_parts() const {
    std::vector<std::string> parts;
    for (const auto& entry : fs::directory_iterator(folder_.path())) {
      const std::string name = entry.path().filename();
      if (name.rfind("errors.", 0) == 0 && entry.path().extension() == ".part") parts.push_back(entry.path());
    }
    return parts;
  }
  std::string errors_part() const {
    const std::vector<std::string> parts = errors_parts();
    EXPECT_EQ(parts.size(), 1U);
    return parts.empty() ? "" : parts.front();
  }
  std::string errors() const { return content_of(options_.errors_path); }
  std::ptrdiff_t error_count() const {
    const std::string records = errors();
    return std::count(records.begin(), records.end(), '\n');
  }
};

TEST_F(RunErrors, StandInAFileOfTheirOwnWhereverTheRunWasStopped) {
  make_photos(12);
  const std::string expected = uninterrupted();
  const std::string expected_errors = errors();
  EXPECT_EQ(error_count(), 4);
  fs::remove(options_.errors_path);
  for (int records = 1; records < 12; ++records) {
    run_until(records);
    EXPECT_FALSE(is_there(options_.errors_path));
    std::ofstream(errors_part(), std::ios::app) << "{\"path\": half a rec";
    resume();
    EXPECT_EQ(content_of(options_.output_path), expected);
    EXPECT_EQ(errors(), expected_errors) << records;
    EXPECT_TRUE(errors_parts().empty());
    fs::remove(options_.errors_path);
  }
}

TEST_F(RunErrors, OfARunKilledBetweenItsTwoFilesAreCommittedByTheNext) {
  make_photos(12);
  const std::string expected = uninterrupted();
  const std::string expected_errors = errors();
  for (const bool has_output : {false, true}) {
    fs::remove(options_.output_path);
    folder_.write("errors.jsonl", "of another run\n");
    class Killed : public StoppingStore {
     public:
      Killed(std::unique_ptr<RecordStore> store, bool commits)
          : StoppingStore(std::move(store), -1), commits_(commits) {}
      void commit() override {
        if (commits_) StoppingStore::commit();
        throw RuntimeFailure("killed");
      }

     private:
      const bool commits_;
    } killed(store(), has_output);
    ImageFiles files({folder_.path("photos")});
    EXPECT_THROW(write_records_into(killed, predictor_, files, options_), RuntimeFailure);
    EXPECT_EQ(is_there(options_.output_path), has_output);
    EXPECT_EQ(errors(), "of another run\n");
    EXPECT_EQ(resume().done_before, 12);
    EXPECT_EQ(content_of(options_.output_path), expected);
    EXPECT_EQ(errors(), expected_errors);
    EXPECT_TRUE(is_clean() && errors_parts().empty());
  }
}

TEST_F(RunErrors, OfAStoppedRunAreItsOwn) {
  make_photos(12);
  const std::string expected = uninterrupted();
  const std::string expected_errors = errors();
  run_until(9);
  const std::string stopped = errors_part();
  const std::string kept = content_of(stopped);
  const std::string output = options_.output_path;
  // Runs with other outputs, and one whose output is this file, neither take that part nor lose it.
  for (const std::string& other : {folder_.path("other.jsonl"), std::string("/dev/null"), options_.errors_path}) {
    options_.output_path = other;
    options_.errors_path = other == options_.errors_path ? "" : options_.errors_path;
    EXPECT_EQ(run().errors_in_all(), 4);
    EXPECT_EQ(errors_part(), stopped);
    EXPECT_EQ(content_of(stopped), kept);
    options_.errors_path = folder_.path("errors.jsonl");
  }
  options_.output_path = output;
  EXPECT_EQ(resume().done_before, 9);
  EXPECT_EQ(content_of(options_.output_path), expected);
  EXPECT_EQ(errors(), expected_errors);
  EXPECT_TRUE(errors_parts().empty());
}

TEST_F(RunErrors, OfARunThatIsStartedOverGo) {
  make_photos(12);
  run_until(9);
  const std::string stopped = errors_part();
  Manifest starting(manifest());  // as a kill leaves it that comes as a run is started over
  starting.open();
  starting.announce(starting.run_id());
  starting.close();
  run_until(6);
  EXPECT_NE(errors_part(), stopped);
  options_.force = true;
  EXPECT_EQ(run().done_before, 0);
  EXPECT_TRUE(errors_parts().empty());
  EXPECT_EQ(error_count(), 4);
}

// Of such a run a kill leaves a part that the next overwrites.
TEST_F(RunErrors, OfARunThatCannotBeResumedHinderNoOther) {
  make_photos(12);
  const std::string output = std::exchange(options_.output_path, "/dev/null");
  for (const std::string& next : {std::string("/dev/null"), output}) {
    folder_.write("errors.jsonl.direct.part", "half a rec");
    options_.output_path = next;
    EXPECT_EQ(run().errors_in_all(), 4);
    EXPECT_EQ(error_count(), 4);
    EXPECT_EQ(errors_parts().empty(), next == "/dev/null");
  }
}

TEST_F(RunErrors, ThatAreBeingWrittenByAnotherRunAreLeftAlone) {
  make_photos(3);
  for (const char* name : {"errors.jsonl.part", "errors.jsonl.0123abcd.part", "errors.jsonl.direct.part"}) {
    GrowingFile held(folder_.path(name));
    held.open();
    held.buffer() += "{}\n";
    held.flush();
    for (const std::string& output : {folder_.path("out.jsonl"), std::string("/dev/null")}) {
      for (const bool force : {false, true}) {
        options_.output_path = output;
        options_.force = force;
        EXPECT_THAT(problem_of_run(), HasSubstr(std::string(name) + " is being written by another run"));
        EXPECT_TRUE(is_clean());
        EXPECT_EQ(errors_parts(), std::vector{folder_.path(name)});
        EXPECT_EQ(content_of(folder_.path(name)), "{}\n") << output << force;
        EXPECT_FALSE(is_there(options_.errors_path));
      }
    }
    fs::remove(folder_.path(name));
  }
}

TEST_F(RunErrors, ThatAreMissingAreMadeAgain) {
  make_photos(12);
  const RunSummary whole = run();
  const std::string records = content_of(options_.output_path), errors = content_of(options_.errors_path);
  EXPECT_EQ(whole.run.errors, 4);
  constexpr std::array<std::int64_t, 3> kRecordsBefore{3, 4, 7};  // each error, in the order of names: 0, 1, 10, 11, 2
  for (std::size_t lines = 0; lines < kRecordsBefore.size(); ++lines) {
    fs::remove(options_.output_path);
    run_until(9);
    const std::string part_of_errors = errors_part();
    const std::string kept = content_of(part_of_errors);
    std::size_t bytes = 0;
    for (std::size_t line = 0; line < lines; ++line) bytes = kept.find('\n', bytes) + 1;
    fs::resize_file(part_of_errors, bytes);
    const RunSummary totals = resume();
    EXPECT_EQ(totals.done_before, kRecordsBefore[lines]);
    EXPECT_THAT(totals.notices, ElementsAre(HasSubstr("made " + std::to_string(9 - totals.done_before) + " record")));
    EXPECT_EQ(content_of(options_.output_path), records);
    EXPECT_EQ(content_of(options_.errors_path), errors);
  }
}

TEST_F(RunErrors, EndTheRunWhenThereAreTooMany) {
  make_photos(60);
  options_.limit.max_errors = 4;
  const RunSummary stopped = run();
  EXPECT_EQ(stopped.end, RunEnd::kMaxErrors);
  EXPECT_GE(stopped.errors_in_all(), 5);
  EXPECT_LT(stopped.images_in_all(), 60);
  EXPECT_EQ(resume().run.images, 0) << "there are too many already";
  options_.limit.max_errors = 20;
  EXPECT_EQ(resume().end, RunEnd::kComplete);
  EXPECT_EQ(error_count(), 20);
}

TEST_F(RunErrors, AShareIsJudgedFrom100ImagesOn) {
  make_photos(99);
  options_.limit.max_percent = 30;
  EXPECT_EQ(run().end, RunEnd::kComplete);
  make_photos(300);
  const RunSummary stopped = run();
  EXPECT_EQ(stopped.end, RunEnd::kMaxErrors);
  EXPECT_GE(stopped.images_in_all(), 100);
  EXPECT_LT(stopped.images_in_all(), 300);
  options_.limit.max_percent = 34;
  EXPECT_EQ(resume().end, RunEnd::kComplete);
}

}  // namespace
}  // namespace ppinfer
