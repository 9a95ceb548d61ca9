#include "engine/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "ppinfer/error.h"
#include "ppinfer/version.h"

namespace ppinfer {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

const fs::path kLibraries = fs::path(PPINFER_BIN_DIR) / "../lib";

EngineOptions fake_options() {
  EngineOptions options;
  options.model_path = testing::TempDir() + "/model.fake";
  options.format = ModelFormat::kFake;
  options.input_px = {4, 4};
  std::ofstream(options.model_path) << "classes 3\n";
  return options;
}

std::string problem_of(EngineKind kind) {
  try {
    load_engine(kind, fake_options());
  } catch (const ModelError& error) {
    return error.what();
  }
  return "";
}

TEST(Registry, LoadsAModule) {
  ASSERT_TRUE(engine_installed(EngineKind::kFake));
  EXPECT_EQ(load_engine(EngineKind::kFake, fake_options())->class_count(), 3);
}

TEST(Registry, AModulesOwnErrorsComeThrough) {
  EngineOptions options = fake_options();
  options.format = ModelFormat::kOnnx;
  EXPECT_THROW(load_engine(EngineKind::kFake, options), ModelError);
}

TEST(Registry, ListsTheRealEnginesWithTheirVersions) {
  for (const EngineInfo& engine : installed_engines()) {
    EXPECT_THAT(engine.name, testing::AnyOf("openvino", "paddle"));
    EXPECT_EQ(engine.problem, "");
    EXPECT_THAT(engine.version, testing::MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+.*"));
  }
}

// Runs the test of that name in a process that takes libppinfer.so, and so its modules, from `folder`.
int run_with_library_in(const fs::path& folder, const std::string& test) {
  const std::string command = "LD_LIBRARY_PATH='" + folder.string() + "' '" +
                              fs::read_symlink("/proc/self/exe").string() +
                              "' --gtest_also_run_disabled_tests --gtest_filter=" + test + " >&2";
  return std::system(command.c_str());
}

fs::path folder_with_library(const std::string& name) {
  const fs::path folder = fs::path(testing::TempDir()) / name;
  fs::remove_all(folder);
  fs::create_directories(folder / "ppinfer_engines");
  const fs::path library = fs::canonical(kLibraries / "libppinfer.so");
  fs::copy_file(library, folder / library.filename());
  return folder;
}

TEST(Registry, ABuildWithoutEnginesSaysSo) {
  EXPECT_EQ(run_with_library_in(folder_with_library("no_engines"), "Elsewhere.DISABLED_WithoutEngines"), 0);
}

TEST(Elsewhere, DISABLED_WithoutEngines) {
  EXPECT_FALSE(engine_installed(EngineKind::kPaddle));
  EXPECT_THAT(problem_of(EngineKind::kPaddle),
              AllOf(HasSubstr("engine paddle isn't in this build"), HasSubstr("none")));
  EXPECT_TRUE(installed_engines().empty());
}

TEST(Registry, UnusableModulesAreToldApart) {
  const fs::path folder = folder_with_library("unusable_engines");
  const fs::path modules = folder / "ppinfer_engines";
  std::ifstream in(kLibraries / "ppinfer_engines/libppinfer_fake.so", std::ios::binary);
  std::string module{std::istreambuf_iterator<char>(in), {}};
  const std::string version = kVersion + std::string(1, '\0');
  for (std::size_t at = module.find(version); at != std::string::npos; at = module.find(version, at + 1))
    module[at] = '9';
  std::ofstream(modules / "libppinfer_openvino.so", std::ios::binary) << module;
  std::ofstream(modules / "libppinfer_fake.so") << "no library\n";
  EXPECT_EQ(run_with_library_in(folder, "Elsewhere.DISABLED_WithUnusableModules"), 0);
}

TEST(Elsewhere, DISABLED_WithUnusableModules) {
  EXPECT_THAT(problem_of(EngineKind::kOpenVino), AllOf(HasSubstr("belongs to ppinfer 9"), HasSubstr(kVersion)));
  EXPECT_THAT(problem_of(EngineKind::kFake), HasSubstr("engine fake can't be loaded: "));
  EXPECT_THAT(problem_of(EngineKind::kPaddle), HasSubstr("it has: openvino"));
  const std::vector<EngineInfo> engines = installed_engines();
  ASSERT_EQ(engines.size(), 1u);
  EXPECT_EQ(engines[0].version, "");
  EXPECT_THAT(engines[0].problem, HasSubstr("belongs to ppinfer 9"));
}

}  // namespace
}  // namespace ppinfer
