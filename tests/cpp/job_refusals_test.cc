// What a stopped run may not be resumed with, and what is said.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <chrono>

#include "job/growing_file.h"
#include "job_world.h"

namespace ppinfer {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
namespace fs = std::filesystem;

class StoppedJob : public JobWorld {
 protected:
  StoppedJob() {
    make_photos(9);
    run_until(5);
    options_.resume = true;
  }

  // The refusal, which must leave all as it was.
  std::string refusal() {
    const std::string records = content_of(part());
    const std::string notes = content_of(journal());
    std::string problem = problem_of_run();
    EXPECT_EQ(content_of(part()), records);
    EXPECT_EQ(content_of(journal()), notes);
    return problem;
  }
};

TEST_F(StoppedJob, NeedsToBeToldWhatToDo) {
  options_.resume = false;
  EXPECT_THAT(refusal(), AllOf(HasSubstr("5 images of a stopped run"), HasSubstr(part()), HasSubstr("--resume"),
                               HasSubstr("--force")));
}

TEST_F(StoppedJob, OfAnotherFormatIsntTakenForNothing) {
  options_.errors_format = RecordFormat::kCsv;
  options_.identity = {{"format", "csv"}};
  EXPECT_THAT(refusal(), HasSubstr("format is csv, and was not said"));
  options_.resume = false;
  EXPECT_THAT(refusal(), HasSubstr("5 images of a stopped run"));
}

TEST_F(StoppedJob, NamesEachChangedKey) {
  options_.identity = {{"topk", "3"}, {"mean", "0.5"}};
  options_.errors_path = folder_.path("errors.jsonl");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("topk is 3, and was 5"), HasSubstr("mean is 0.5, and was not said"),
                               HasSubstr("errors.jsonl, and was none"), HasSubstr("--force")));
}

TEST_F(StoppedJob, NamesAnInputOfAnotherSize) {
  folder_.write("photos/2.png", "no image, but a longer one");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("photos/2.png has changed"), HasSubstr("26 bytes, and had 8 bytes")));
}

TEST_F(StoppedJob, NamesAnInputThatWasModified) {
  const std::string path = folder_.path("photos/3.png");
  fs::last_write_time(path, fs::last_write_time(path) + std::chrono::nanoseconds(1000));
  EXPECT_THAT(refusal(), AllOf(HasSubstr("photos/3.png has changed"), HasSubstr("last modified at 20")));
}

TEST_F(StoppedJob, NamesAnInputThatIsNew) {
  folder_.write("photos/0a.png", "no image");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("input 2 is"), HasSubstr("photos/0a.png now"), HasSubstr("it is new")));
}

TEST_F(StoppedJob, SaysOfAnInputThatFollowsARemovedOneThatTheOtherIsGone) {
  fs::remove(folder_.path("photos/0.png"));
  EXPECT_THAT(refusal(), AllOf(HasSubstr("input 1 is"), HasSubstr("photos/1.png now"),
                               HasSubstr("or what stood before it is gone"), HasSubstr("--force")));
}

TEST_F(StoppedJob, MayGoOnWithKeysThatCannotChangeAnAnswer) {
  const auto identity = [this](const std::vector<Override>& keys) {
    std::vector<Override> all{{"cls_model_path", folder_.path("model.fake")}, {"engine", "fake"}};
    all.insert(all.end(), keys.begin(), keys.end());
    return record_identity(Predictor(Config::from_overrides(all)));
  };
  const JobIdentity begun = identity({});
  EXPECT_EQ(identity({{"warmup", "3"},
                      {"lanes", "2"},
                      {"threads_per_lane", "2"},
                      {"cpu_math_library_num_threads", "1"},
                      {"gpu_id", "1"}}),
            begun);
  EXPECT_NE(identity({{"topk", "1"}}), begun);
}

TEST_F(StoppedJob, AnInputThatIsntDoneYetMayBeNew) {
  folder_.write("photos/z.png", "no image");
  EXPECT_EQ(run().images(), 10);
}

TEST_F(StoppedJob, SaysThatInputsAreMissing) {
  for (int index = 3; index < 9; ++index) fs::remove(folder_.path("photos/" + std::to_string(index) + ".png"));
  EXPECT_THAT(refusal(), HasSubstr("there are only 3 inputs now, and 5 were done already"));
}

TEST_F(StoppedJob, APartWithoutItsJournalIsNobodysButTheUsers) {
  for (const bool is_there : {true, false}) {
    is_there ? static_cast<void>(folder_.write("out.jsonl.journal", "ppinfer journal 1\nhalf of it"))
             : static_cast<void>(fs::remove(journal()));
    for (const bool resumes : {true, false}) {
      options_.resume = resumes;
      EXPECT_THAT(problem_of_run(), AllOf(HasSubstr(journal()), HasSubstr("missing or damaged"), HasSubstr("--force")));
      EXPECT_EQ(fs::exists(journal()), is_there);
    }
  }
  options_.force = true;
  EXPECT_EQ(run().run.images, 9);
}

TEST_F(JobWorld, AJournalThatIsSomebodyElsesFileIsLeftAlone) {
  make_photos(3);
  for (const std::string& content : {std::string("my notes\n"), std::string("ppinfer"), std::string()}) {
    folder_.write("out.jsonl.journal", content);
    for (const bool resumes : {true, false}) {
      options_.resume = resumes;
      if (content != "my notes\n") break;  // what a torn journal may be, too
      EXPECT_THAT(problem_of_run(),
                  AllOf(HasSubstr(journal() + " is in the way"), HasSubstr("move it away"), HasSubstr("--force")));
      EXPECT_EQ(content_of(journal()), content);
      EXPECT_FALSE(is_there(part()) || is_there(options_.output_path));
    }
    options_.force = content == "my notes\n";
    EXPECT_EQ(run().run.images, 3);
    EXPECT_TRUE(is_clean());
    fs::remove(options_.output_path);
  }
}

TEST_F(StoppedJob, OneRunAtATime) {
  GrowingFile held(journal());
  held.open();
  EXPECT_THAT(refusal(), AllOf(HasSubstr("being written by another run"), Not(HasSubstr("--force"))));
  options_.force = true;
  EXPECT_THAT(refusal(), HasSubstr("being written by another run"));
  held.close();
  EXPECT_EQ(run().images(), 9);
}

TEST_F(JobWorld, AnOutputThatCantBeWrittenIsSaidBeforeAnyWork) {
  make_photos(1);
  options_.output_path = folder_.path("nowhere/out.jsonl");
  EXPECT_THAT(problem_of_run(), AllOf(HasSubstr("nowhere/out.jsonl"), HasSubstr("its folder doesn't exist")));
  options_.output_path = folder_.path("photos");
  EXPECT_THAT(problem_of_run(), AllOf(HasSubstr("photos"), HasSubstr("it is a folder")));
  options_.output_path = "";
  EXPECT_THAT(problem_of_run(), HasSubstr("path is empty"));
}

TEST_F(JobWorld, ErrorsNeedAFileOfTheirOwn) {
  make_photos(1);
  for (const std::string& path :
       {options_.output_path, folder_.path("./photos/../out.jsonl"), std::string("/dev/null")}) {
    options_.errors_path = path;
    EXPECT_THAT(problem_of_run(), HasSubstr("expected a file for records of errors alone"));
    EXPECT_TRUE(is_clean());
  }
}

TEST_F(JobWorld, ErrorsMayNotGoIntoAFileOfTheJobsOwn) {
  make_photos(3);
  for (const std::string& path : {part(), journal()}) {
    options_.errors_path = path;
    options_.errors_format = RecordFormat::kJsonl;
    EXPECT_THAT(problem_of_run(), AllOf(HasSubstr("expected a file for records of errors alone"),
                                        HasSubstr(path + " is where the run keeps")));
    EXPECT_TRUE(is_clean());
  }
  options_.errors_path = folder_.path("bad.jsonl");
  options_.output_path = folder_.path("bad.jsonl.part");
  EXPECT_THAT(problem_of_run(), HasSubstr("bad.jsonl.part is the output of all records"));
}

}  // namespace
}  // namespace ppinfer
