// What a run does with the images' files: it sorts them into folders of their classes, and moves bad ones away.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <set>

#include "ppinfer/run_text.h"
#include "run/class_sorter.h"
#include "run_world.h"

namespace ppinfer {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;
namespace fs = std::filesystem;

class RunImages : public RunWorld {
 protected:
  RunImages() { options_.move_errors = folder_.path("bad"); }

  std::set<std::string> files_in(const std::string& folder) const {
    std::set<std::string> names;
    if (!fs::exists(folder_.path(folder))) return names;
    for (const auto& entry : fs::recursive_directory_iterator(folder_.path(folder))) {
      if (!entry.is_directory()) names.insert(entry.path().filename().string());
    }
    return names;
  }

  // The line of a bad image as the manifest has it, of a file as it is now.
  std::string line_of(const std::string& path) const {
    struct stat status {};
    lstat(path.c_str(), &status);
    return R"({"bad":")" + path + R"(","file":")" + std::to_string(status.st_dev) + ":" +
           std::to_string(status.st_ino) + ":" + std::to_string(status.st_size) + ":" +
           std::to_string(status.st_mtim.tv_sec) + "." + std::to_string(status.st_mtim.tv_nsec) + "\"}\n";
  }
};

TEST_F(RunImages, ResumedFromEveryRecordAllAreSortedAndMovedOnce) {
  options_.sort_into = folder_.path("sorted");
  for (int records = 1; records < 9; ++records) {
    make_photos(9);
    run_until(records);
    EXPECT_EQ(files_in("bad"), std::set<std::string>()) << "a resumed run needs them";
    const RunSummary totals = resume();
    EXPECT_EQ(totals.moved.images, 3);
    EXPECT_THAT(totals.moved.stayed, ElementsAre());
    EXPECT_EQ(files_in("bad"), (std::set<std::string>{"2.png", "5.png", "8.png"})) << records;
    EXPECT_EQ(files_in("sorted"), files_in("photos"));
    EXPECT_EQ(files_in("photos").size(), 6U);
    EXPECT_TRUE(is_clean());
    for (const char* folder : {"bad", "sorted", "photos"}) fs::remove_all(folder_.path(folder));
    fs::remove(options_.output_path);
  }
}

TEST_F(RunImages, AKillBeforeTheMovesIsMadeGood) {
  make_photos(6);
  folder_.write("photos/\xff\n.png", "no image");
  KilledAtTheEnd killed(store(), -1);
  ImageFiles files({folder_.path("photos")});
  EXPECT_THROW(write_records_into(killed, predictor_, files, options_), RuntimeFailure);
  fs::create_directory(options_.move_errors);
  fs::create_hard_link(folder_.path("photos/2.png"), folder_.path("bad/2.png"));  // midway through the first
  const RunSummary totals = resume();
  EXPECT_EQ(totals.done_before, 7);
  EXPECT_EQ(totals.moved.images, 3);
  EXPECT_EQ(files_in("bad"), (std::set<std::string>{"2.png", "5.png", "\xff\n.png"}));
  EXPECT_EQ(files_in("photos").size(), 4U);
  EXPECT_TRUE(is_clean());
}

TEST_F(RunImages, OnlyBadImagesOfThisRunThatAreAsTheyWereAreMoved) {
  make_photos(9);
  const std::string good = folder_.path("photos/0.png");
  run_until(6);
  // Behind the line of the last record that was written: of an image whose record was lost, and half of one.
  std::ofstream(manifest(), std::ios::app) << line_of(good) << line_of(good).substr(0, 30);
  const std::string kept = content_of(folder_.path("photos/2.png"));
  fs::remove(folder_.path("photos/2.png"));
  folder_.write("photos/2.png", kept);
  const RunSummary totals = resume();
  EXPECT_EQ(files_in("bad"), (std::set<std::string>{"5.png", "8.png"}));
  EXPECT_THAT(totals.moved.stayed, ElementsAre(Pair("changed since", 1)));
  EXPECT_TRUE(fs::exists(good));
}

TEST_F(RunImages, LinesOfAnotherRunAreForgotten) {
  make_photos(6);
  run_until(5);
  fs::remove(folder_.path("photos/2.png"));
  folder_.write("photos/2.png", "no image, but of the next run");
  std::ofstream(manifest(), std::ios::app) << line_of(folder_.path("photos/0.png"));
  options_.force = true;
  EXPECT_EQ(run().moved.images, 2);
  EXPECT_EQ(files_in("bad"), (std::set<std::string>{"2.png", "5.png"}));
  EXPECT_EQ(files_in("photos").size(), 4U);
}

TEST_F(RunImages, BadImagesThatTheManifestLacksAreFoundAgain) {
  make_photos(9);
  run_until(6);
  const std::string lines = content_of(manifest());
  std::ofstream(manifest(), std::ios::binary) << lines.substr(0, lines.find("{\"bad"));
  const RunSummary totals = resume();
  EXPECT_EQ(totals.done_before, 2);
  EXPECT_EQ(totals.moved.images, 3);
}

TEST_F(RunImages, WhatStaysHasAReason) {
  make_photos(3);
  fs::create_symlink("nowhere", folder_.path("photos/link.png"));
  folder_.write("photos/shard.zip", "no archive");
  fs::create_symlink("away.png", folder_.path("photos/dangling.png"));
  options_.output_path = "/dev/null";  // nothing can be resumed
  const RunSummary totals = run();
  EXPECT_EQ(files_in("bad"), (std::set<std::string>{"2.png"}));
  EXPECT_THAT(totals.moved.stayed, ElementsAre(Pair("failed at read", totals.run.errors - 1)));
  EXPECT_THAT(summary_sentence(totals, "-"),
              HasSubstr("; 1 bad image moved into " + options_.move_errors + ", 3 not moved: 3 failed at read"));
}

TEST_F(RunImages, OfARunThatEndsEarlyNoneIsMoved) {
  make_photos(9);
  options_.limit.max_errors = 1;
  for (const std::string& output : {options_.output_path, std::string("/dev/null")}) {
    options_.output_path = output;
    EXPECT_EQ(run().end, RunEnd::kMaxErrors);
    EXPECT_EQ(files_in("bad"), std::set<std::string>());
  }
}

TEST_F(RunImages, AnImageThatLiesInAClassAlreadyStopsTheRun) {
  make_photos(1);
  InputOptions listed;  // what a list names isn't known before
  listed.list_path = folder_.write("list", folder_.path("sorted/0/a.png\n"));
  folder_.write("sorted/0/a.png", content_of(folder_.path("photos/0.png")));
  options_.sort_into = folder_.path("sorted");
  ImageFiles files({}, listed);
  const auto records = store();
  try {
    write_records_into(*records, predictor_, files, options_);
    ADD_FAILURE() << "it would be there twice";
  } catch (const RuntimeFailure& failure) {
    EXPECT_THAT(failure.what(), HasSubstr("sorted/0/a.png lies in " + options_.sort_into));
  }
  EXPECT_EQ(files_in("sorted"), std::set<std::string>{"a.png"});
}

TEST_F(RunImages, FoldersWhereImagesAreLookedForAreRefused) {
  make_photos(1);
  folder_.write("photos/sub/a.png", "");
  fs::create_directory_symlink(folder_.path("photos"), folder_.path("link"));
  const auto problem = [this](const std::string& given, const std::string& sort_into, const std::string& move_errors) {
    options_.sort_into = sort_into.empty() ? "" : folder_.path(sort_into);
    options_.move_errors = move_errors.empty() ? "" : folder_.path(move_errors);
    ImageFiles files({folder_.path("elsewhere"), folder_.path(given)});
    const auto records = store();
    try {
      write_records_into(*records, predictor_, files, options_);
    } catch (const ConfigError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  for (const char* folder : {"photos", "photos/bad", "link/x/bad"}) {
    EXPECT_THAT(problem("photos", "", folder), HasSubstr("which is classified as a whole")) << folder;
  }
  for (const char* pattern : {"photos/*", "photos/**/*.png", "pho*", "photos/[b]ad/x/*.png"}) {
    EXPECT_THAT(problem(pattern, "", "photos/bad"), HasSubstr("may find images the next time")) << pattern;
  }
  for (const char* given :
       {"photos/sub", "photos/sub/a.png", "photos/*", "photos/s*/a.png", "photos/sub/*.png", "link/sub"}) {
    EXPECT_THAT(problem(given, "photos", ""),
                HasSubstr("photos, which images are sorted into: take a folder elsewhere"))
        << given;
  }
  for (const char* given : {"photos/0.png", "photos/*.png", "elsewhere/photos"}) {
    EXPECT_EQ(problem(given, "photos", ""), "") << given;
  }
  EXPECT_EQ(problem("photos/*.png", "", "photos/bad"), "");
}

TEST(ClassSorter, FoldersAreSafeOnEveryFileSystem) {
  for (const auto& [label, name] :
       std::vector<std::pair<std::string, std::string>>{{"sunglasses, dark glasses", "sunglasses, dark glasses"},
                                                        {"AC/DC: \"live\"", "AC_DC_ _live_"},
                                                        {"tab\tby", "tab_by"},
                                                        {"..", "_"},
                                                        {"", "_"},
                                                        {" end. ", "end"},
                                                        {"caf\xe9", "caf\xe9"},
                                                        {".hidden", "_hidden"}}) {
    EXPECT_EQ(folder_name(label), name);
  }
  std::string accents;
  for (int letter = 0; letter < 150; ++letter) accents += "\xe2\x82\xac";
  EXPECT_EQ(folder_name(accents), accents.substr(0, 198)) << "no letter is cut";
}

TEST(ClassSorter, NamesTheFolderOfTheBestClass) {
  const TemporaryFolder folder;
  const std::vector<std::string> labels{"cat", "\xc3\x89tui", "\xc3\xa9tui", "AC/DC", "..", ""};
  ClassSorter sorter(folder.path("sorted"), SortBy::kSymlink, labels);
  Result result;
  result.path = folder.write("a.jpg", "one");
  for (int id = 0; id < 6; ++id) {
    result.class_ids = {id, 0};
    result.scores = {0.5F, 0.25F};
    sorter.add(result);
  }
  result.class_ids = {2, 3};  // of multilabel, in the order of ids
  result.scores = {0.6F, 0.9F};
  result.label_names = {"x", "of its own"};
  sorter.add(result);
  Result of_score;
  of_score.path = result.path;
  sorter.add(of_score);
  of_score.scores = {0.1F, 0.2F, 0.1F, 0.6F};
  sorter.add(of_score);
  std::set<std::string> folders;
  for (const auto& entry : fs::directory_iterator(folder.path("sorted"))) folders.insert(entry.path().filename());
  EXPECT_THAT(folders, UnorderedElementsAre("cat", "\xc3\x89tui (1)", "\xc3\xa9tui (2)", "AC_DC", "_", "5",
                                            "of its own", "(no class)"));
  EXPECT_EQ(sorter.sorted().images, 9);
}

}  // namespace
}  // namespace ppinfer
