// What a stopped run may not be resumed with, and what is said.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "ppinfer/growing_file.h"
#include "run/manifest.h"
#include "run_world.h"

namespace ppinfer {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
namespace fs = std::filesystem;

class StoppedRun : public RunWorld {
 protected:
  StoppedRun() {
    make_photos(9);
    run_until(5);
    options_.resume = true;
  }

  // The refusal, which must leave all as it was.
  std::string refusal() {
    const std::string records = content_of(part());
    const std::string notes = content_of(manifest());
    std::string problem = problem_of_run();
    EXPECT_EQ(content_of(part()), records);
    EXPECT_EQ(content_of(manifest()), notes);
    return problem;
  }
};

TEST_F(StoppedRun, NeedsToBeToldWhatToDo) {
  options_.resume = false;
  EXPECT_THAT(refusal(), AllOf(HasSubstr("5 images of a stopped run"), HasSubstr(part()), HasSubstr("--resume"),
                               HasSubstr("--force")));
}

TEST_F(StoppedRun, OfAnotherFormatIsntTakenForNothing) {
  options_.format = RecordFormat::kCsv;
  EXPECT_THAT(refusal(), HasSubstr("format is csv, was jsonl"));
  options_.resume = false;
  EXPECT_THAT(refusal(), HasSubstr("records of a stopped run are in"));
}

TEST_F(StoppedRun, IsResumedThoughItsKeysComeInAnotherOrder) {
  options_.identity = {{"format", "jsonl"}, {"callers_key", "5"}, {"callers_key", "5"}};
  options_.resume = true;
  EXPECT_EQ(run().done_before, 5);
}

TEST_F(StoppedRun, NamesEachChangedKey) {
  options_.identity = {{"callers_key", "3"}, {"another", "0.5"}};
  options_.errors_path = folder_.path("errors.jsonl");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("callers_key is 3, was 5"), HasSubstr("another is 0.5, was not set"),
                               HasSubstr("errors.jsonl, was none"), HasSubstr("--force")));
}

TEST_F(StoppedRun, NamesAnInputThatIsNew) {
  folder_.write("photos/0a.png", "no image");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("input 2 is"), HasSubstr("photos/0a.png now, was"), HasSubstr("photos/1.png"),
                               HasSubstr("new or missing")));
}

TEST_F(StoppedRun, NamesAnInputThatFollowsARemovedOne) {
  fs::remove(folder_.path("photos/0.png"));
  EXPECT_THAT(refusal(), AllOf(HasSubstr("input 1 is"), HasSubstr("photos/1.png now, was"), HasSubstr("photos/0.png"),
                               HasSubstr("--force")));
}

TEST_F(StoppedRun, MayGoOnWithKeysThatCannotChangeAnAnswer) {
  const auto identity = [this](const std::vector<Override>& keys) {
    std::vector<Override> all{{"cls_model_path", folder_.path("model.fake")}, {"engine", "fake"}};
    all.insert(all.end(), keys.begin(), keys.end());
    return record_identity(Predictor(Config::from_overrides(all)));
  };
  const RunIdentity begun = identity({});
  EXPECT_EQ(identity({{"warmup", "3"},
                      {"lanes", "2"},
                      {"threads_per_lane", "2"},
                      {"cpu_math_library_num_threads", "1"},
                      {"gpu_id", "1"}}),
            begun);
  EXPECT_NE(identity({{"topk", "1"}}), begun);
}

TEST_F(StoppedRun, AnInputThatIsntDoneYetMayBeNew) {
  folder_.write("photos/z.png", "no image");
  EXPECT_EQ(run().images_in_all(), 10);
}

TEST_F(StoppedRun, SaysThatInputsAreMissing) {
  for (int index = 3; index < 9; ++index) fs::remove(folder_.path("photos/" + std::to_string(index) + ".png"));
  EXPECT_THAT(refusal(), HasSubstr("there are only 3 inputs now, and 5 were done already"));
}

TEST_F(StoppedRun, APartWithoutItsManifestIsNobodysButTheUsers) {
  for (const bool is_there : {true, false}) {
    is_there ? static_cast<void>(folder_.write("out.jsonl.manifest", "{\"ppinfer_run\":1,\"id\":\"half of it"))
             : static_cast<void>(fs::remove(manifest()));
    for (const bool resumes : {true, false}) {
      options_.resume = resumes;
      EXPECT_THAT(problem_of_run(),
                  AllOf(HasSubstr(manifest()), HasSubstr("missing or damaged"), HasSubstr("--force")));
      EXPECT_EQ(fs::exists(manifest()), is_there);
    }
  }
  options_.force = true;
  EXPECT_EQ(run().run.images, 9);
}

TEST_F(StoppedRun, StaysWhereItsErrorsCannotBeWritten) {
  options_.resume = false;
  options_.force = true;
  options_.errors_path = folder_.path("nowhere/bad.jsonl");
  EXPECT_THAT(refusal(), HasSubstr("nowhere/bad.jsonl"));
}

// As a kill leaves it that comes as a run begins anew.
TEST_F(StoppedRun, ThatWasBegunAnewButGotNowhereBegins) {
  Manifest started(manifest());
  started.open();
  started.announce(Manifest::make_run_id());
  started.close();
  EXPECT_EQ(run().run.images, 9);
  EXPECT_TRUE(is_clean());
}

TEST_F(StoppedRun, InAnotherFolderWithTheSameNamesIsNamed) {
  const std::string here = fs::current_path();
  fs::current_path(folder_.path("photos"));
  ImageFiles relative({"."});
  fs::current_path(folder_.path());
  ImageFiles elsewhere({"."});
  fs::current_path(here);
  EXPECT_NE(relative.identity(), elsewhere.identity());
  EXPECT_EQ(ImageFiles({"/a"}).identity().back().second, "");
}

TEST_F(RunWorld, AManifestThatIsSomebodyElsesFileIsLeftAlone) {
  make_photos(3);
  for (const std::string& content : {std::string("my notes\n"), std::string("{\"ppin"), std::string()}) {
    folder_.write("out.jsonl.manifest", content);
    for (const bool resumes : {true, false}) {
      options_.resume = resumes;
      if (content != "my notes\n") break;  // what a torn manifest may be, too
      EXPECT_THAT(problem_of_run(), AllOf(HasSubstr(manifest() + " is not a manifest"), HasSubstr("move the file"),
                                          HasSubstr("--force")));
      EXPECT_EQ(content_of(manifest()), content);
      EXPECT_FALSE(is_there(part()) || is_there(options_.output_path));
    }
    options_.force = content == "my notes\n";
    EXPECT_EQ(run().run.images, 3);
    EXPECT_TRUE(is_clean());
    fs::remove(options_.output_path);
  }
}

TEST_F(StoppedRun, OneRunAtATime) {
  GrowingFile held(manifest());
  held.open();
  EXPECT_THAT(refusal(), AllOf(HasSubstr("being written by another run"), Not(HasSubstr("--force"))));
  options_.force = true;
  EXPECT_THAT(refusal(), HasSubstr("being written by another run"));
  held.close();
  EXPECT_EQ(run().images_in_all(), 9);
}

TEST_F(RunWorld, AnOutputThatCantBeWrittenIsSaidBeforeAnyWork) {
  make_photos(1);
  options_.output_path = folder_.path("nowhere/out.jsonl");
  EXPECT_THAT(problem_of_run(), AllOf(HasSubstr("nowhere/out.jsonl"), HasSubstr("its folder doesn't exist")));
  options_.output_path = folder_.path("photos");
  EXPECT_THAT(problem_of_run(), AllOf(HasSubstr("photos"), HasSubstr("it is a folder")));
  options_.output_path = "";
  EXPECT_THAT(problem_of_run(), HasSubstr("path is empty"));
}

TEST_F(RunWorld, ErrorsNeedAFileOfTheirOwn) {
  make_photos(1);
  for (const std::string& path :
       {options_.output_path, folder_.path("./photos/../out.jsonl"), std::string("/dev/null")}) {
    options_.errors_path = path;
    EXPECT_THAT(problem_of_run(), HasSubstr("expected a file for error records only"));
    EXPECT_TRUE(is_clean());
  }
}

TEST_F(RunWorld, ErrorsMayNotGoIntoAFileOfTheJobsOwn) {
  make_photos(3);
  for (const std::string& path : {part(), manifest()}) {
    options_.errors_path = path;
    options_.format = RecordFormat::kJsonl;
    EXPECT_THAT(problem_of_run(), AllOf(HasSubstr("expected a file for error records only"),
                                        HasSubstr(path + " is the run's part file")));
    EXPECT_TRUE(is_clean());
  }
}

}  // namespace
}  // namespace ppinfer
