#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/lane_plan.h"
#include "config/parse.h"
#include "config_folder.h"
#include "core/allowed_cpus.h"

namespace ppinfer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

LanePlan plan_of(const std::string& text, int allowed_cpus) {
  std::vector<std::string> problems;
  ConfigDraft draft;
  draft.apply(parse_config_text(text, "config.txt", problems), problems);
  EXPECT_THAT(problems, IsEmpty());
  return plan_lanes(draft, draft.given_by_user("engine"), allowed_cpus);
}

struct Case {
  std::string text;
  int allowed_cpus;
  int lanes;
  int threads_per_lane;
  std::vector<std::string> notices = {};
};

TEST(LanePlan, LanesThreadsAndWhatIsSaid) {
  const Case cases[] = {
      {"", 2, 2, 1},
      {"", 64, 64, 1},
      {"lanes 1", 2, 1, 1},
      {"threads_per_lane 2", 8, 4, 2},
      {"threads_per_lane 3", 8, 2, 3},
      {"lanes 1\nthreads_per_lane 2", 2, 1, 2},
      {"threads_per_lane 0", 8, 1, 8},
      {"lanes 3\nthreads_per_lane 0", 8, 3, 2},
      {"lanes 4\nthreads_per_lane 0", 4, 4, 1},
      {"threads_per_lane 4",
       2,
       1,
       4,
       {"lanes 1 with threads_per_lane 4 are 4 compute threads for 2 allowed CPUs: they will wait for one another"}},
      {"lanes 3",
       1,
       3,
       1,
       {"lanes 3 with threads_per_lane 1 are 3 compute threads for 1 allowed CPU: they will wait for one another"}},
      {"cpu_math_library_num_threads 10",
       2,
       2,
       1,
       {"cpu_math_library_num_threads 10 is more than the 2 allowed CPUs: using 2"}},
      {"cpu_math_library_num_threads 10",
       1,
       1,
       1,
       {"cpu_math_library_num_threads 10 is more than the 1 allowed CPU: using 1"}},
      {"cpu_math_library_num_threads 3", 8, 3, 1},
      {"cpu_math_library_num_threads 4\nthreads_per_lane 2", 8, 2, 2},
      {"cpu_math_library_num_threads 10\nlanes 2", 4, 2, 1},
      {"cpu_math_library_num_threads 1\nengine openvino",
       4,
       4,
       1,
       {"cpu_math_library_num_threads 1 is not used where engine is set: lanes and threads_per_lane decide"}},
  };
  for (const Case& expected : cases) {
    const LanePlan plan = plan_of(expected.text, expected.allowed_cpus);
    EXPECT_EQ(plan.lanes, expected.lanes) << expected.text;
    EXPECT_EQ(plan.threads_per_lane, expected.threads_per_lane) << expected.text;
    EXPECT_EQ(plan.notices, expected.notices) << expected.text;
  }
}

class LegacyConfig : public ConfigFolder {
 protected:
  void SetUp() override {
    ConfigFolder::SetUp();
    put_paddle_model("inference", "cls_infer.pdmodel");
    put("inference/net.onnx", "");
  }
};

TEST_F(LegacyConfig, TheExampleRunsUnchanged) {
  std::filesystem::copy_file(PPINFER_SOURCE_DIR "/configs/legacy_config.txt", "legacy_config.txt");
  const Config config = Config::from_file("legacy_config.txt");
  EXPECT_EQ(config.settings().engine, EngineKind::kPaddle);
  EXPECT_EQ(config.settings().cls_model_path, "inference/cls_infer.pdmodel");
  EXPECT_EQ(config.input_size(), (Size{224, 224}));
  EXPECT_EQ(config.threads_per_lane(), 1);
  EXPECT_EQ(config.lanes(), std::min(10, allowed_cpu_count()));
  EXPECT_EQ(config.notices().size(), allowed_cpu_count() < 10 ? 1u : 0u);
  EXPECT_THAT(value_and_origin(config, "engine"),
              testing::MatchesRegex("paddle <- legacy_config.txt:[0-9]+ .use_gpu."));
  for (const FieldInfo& field : config_fields()) {
    if (!field.legacy) continue;
    EXPECT_NE(effective(config, field.name).origin, "default") << field.name << " is missing from the example";
  }
}

TEST_F(LegacyConfig, CpuThreadsIsTheLaterNameOfTheThreads) {
  const std::string model = "cls_model_path inference/cls_infer.pdmodel\n";
  const Config config = config_of(model + "cpu_threads 1\n");
  EXPECT_EQ(config.settings().cpu_math_library_num_threads, 1);
  EXPECT_EQ(config.lanes(), 1);
  EXPECT_THAT(problems_of(model + "cpu_threads 1\ncpu_math_library_num_threads 2\n"),
              testing::ElementsAre("config.txt:3: cpu_math_library_num_threads: given twice, first at config.txt:2"));
}

TEST_F(LegacyConfig, OneLegacyEngineKeyMeansPaddleUnlessEngineIsSet) {
  const std::string model = "cls_model_path inference/cls_infer.pdmodel\n";
  for (const char* key : {"use_gpu 0", "use_mkldnn 1", "use_tensorrt off", "use_fp16 0"}) {
    EXPECT_EQ(config_of(model + key).settings().engine, EngineKind::kPaddle) << key;
    EXPECT_EQ(config_of(model + key + "\nengine auto\n").settings().engine, EngineKind::kAuto) << key;
    EXPECT_EQ(config_of(model + key, {{"engine", "openvino"}}).settings().engine, EngineKind::kOpenVino) << key;
  }
  EXPECT_EQ(config_of(model, {{"use_mkldnn", "1"}}).settings().engine, EngineKind::kPaddle);
  for (const char* key : {"gpu_id 0", "gpu_mem 4000", "resize_short_size 256", "crop_size 224"}) {
    EXPECT_EQ(config_of(model + key).settings().engine, EngineKind::kAuto) << key;
  }
}

TEST_F(LegacyConfig, WhatLanesAndTheEngineCameToIsShown) {
  const std::string model = "cls_model_path inference/net.onnx\n";
  const std::string cpus = std::to_string(allowed_cpu_count());
  EXPECT_EQ(value_and_origin(config_of(model), "lanes"), cpus + " <- default (0: the allowed CPUs)");
  EXPECT_EQ(value_and_origin(config_of(model + "lanes 0\n"), "lanes"), cpus + " <- config.txt:2 (0: the allowed CPUs)");
  EXPECT_EQ(value_and_origin(config_of(model + "lanes 1\n"), "lanes"), "1 <- config.txt:2");
  const auto follows_the_cpus = [&](const std::string& keys, const char* key) {
    return effective(config_of(model + keys), key).of_this_machine;
  };
  EXPECT_TRUE(follows_the_cpus("", "lanes"));
  EXPECT_TRUE(follows_the_cpus("threads_per_lane 0\n", "threads_per_lane"));
  EXPECT_FALSE(follows_the_cpus("", "threads_per_lane"));
  EXPECT_FALSE(follows_the_cpus("lanes 1\n", "lanes"));
  EXPECT_EQ(follows_the_cpus("cpu_math_library_num_threads 1\n", "lanes"), allowed_cpu_count() == 1);
  EXPECT_EQ(config_of("cls_model_path inference/cls_infer.pdmodel\nuse_mkldnn 1\n").legacy_engine_key(), "use_mkldnn");
  EXPECT_EQ(config_of(model + "use_mkldnn 1\n").legacy_engine_key(), "");
}

TEST_F(LegacyConfig, AModelThatPaddleCannotReadKeepsItsEngine) {
  EXPECT_EQ(config_of("cls_model_path inference/net.onnx\nuse_mkldnn 1\n").settings().engine, EngineKind::kAuto);
}

}  // namespace
}  // namespace ppinfer
