// The inference_cls.yaml of PaddleClas' Python deployment, taken where a config.txt is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config_folder.h"

namespace ppinfer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// All keys that PaddleClas' own file has.
const char* const kDeployment = R"(Global:
  infer_imgs: "./images/00000010.jpeg"
  inference_model_dir: "./models"
  batch_size: 4
  use_gpu: False
  enable_mkldnn: True
  cpu_num_threads: 1
  enable_benchmark: True
  use_fp16: False
  ir_optim: True
  use_tensorrt: False
  gpu_mem: 8000
  enable_profile: False
PreProcess:
  transform_ops:
    - ResizeImage:
        resize_short: 256
    - CropImage:
        size: 224
    - NormalizeImage:
        scale: 0.00392157
        mean: [0.485, 0.456, 0.406]
        std: [0.229, 0.224, 0.225]
        order: ''
        channel_num: 3
    - ToCHWImage:
PostProcess:
  main_indicator: Topk
  Topk:
    topk: 3
    class_id_map_file: "labels/names.txt"
  SavePreLabel:
    save_dir: ./pre_label/
)";

class Deployment : public ConfigFolder {
 protected:
  void SetUp() override {
    ConfigFolder::SetUp();
    put_paddle_model("deploy/configs/models");
    put("labels/names.txt", "a\n");  // as seen from the working directory, where PaddleClas' program is started
  }

  static Config config_with(const std::string& text, const std::vector<Override>& overrides = {}) {
    put("deploy/configs/inference_cls.yaml", text);
    return Config::from_file("deploy/configs/inference_cls.yaml", overrides);
  }

  static std::vector<std::string> problems_with(const std::string& text) {
    try {
      config_with(text);
    } catch (const ConfigError& error) {
      return error.problems();
    }
    return {};
  }
};

TEST_F(Deployment, RunsUnchanged) {
  const Config config = config_with(kDeployment);
  const Settings& settings = config.settings();
  EXPECT_EQ(settings.cls_model_path, "deploy/configs/models/inference.pdmodel");
  EXPECT_EQ(settings.batch_size, 4);
  EXPECT_EQ(settings.engine, EngineKind::kPaddle);
  EXPECT_EQ(config.lanes(), 1);
  EXPECT_EQ(settings.topk, 3);
  EXPECT_DOUBLE_EQ(settings.scale, 0.00392157);
  EXPECT_EQ(settings.label_path, (std::filesystem::current_path() / "labels/names.txt").string());
  EXPECT_EQ(value_and_origin(config, "batch_size"), "4 <- inference_cls.yaml:4");
}

TEST_F(Deployment, StandsAboveTheModelsOwnSpecAndBelowOverrides) {
  put("deploy/configs/models/inference.yml",
      "PreProcess:\n  transform_ops:\n  - DecodeImage: {to_rgb: false}\n"
      "  - CropImageAtRatio: {size: 100, pad: 10, interpolation: area}\n"
      "  - NormalizeImage: {order: '', channel_num: 4, mean: [1, 1, 1]}\n  - ToCHWImage:\n"
      "PostProcess: {Topk: {topk: 9, label_list: [x, y]}}\n");
  const Config config = config_with(kDeployment, {{"topk", "2"}});
  const Settings& settings = config.settings();
  EXPECT_EQ(settings.channel_order, ChannelOrder::kRgb);
  EXPECT_EQ(settings.crop_ratio, 0);
  EXPECT_EQ(settings.interpolation, Interpolation::kBilinear);
  EXPECT_EQ(settings.channel_num, 3);
  EXPECT_EQ(settings.topk, 2);
  EXPECT_THAT(config.model_labels(), IsEmpty());
}

TEST_F(Deployment, ALabelListInItIsTaken) {
  const Config config =
      config_with("Global: {inference_model_dir: models}\nPostProcess: {Topk: {topk: 1, label_list: [cat, dog]}}\n");
  EXPECT_THAT(config.model_labels(), ElementsAre("cat", "dog"));
  EXPECT_EQ(value_and_origin(config, "label_path"), " <- inference_cls.yaml (label_list)");
  EXPECT_EQ(effective(config, "label_path").layer, LayerRank::kFile);
  EXPECT_EQ(effective(config, "label_path").line, 0);
}

TEST_F(Deployment, WhatItAsksThatCantBeDoneIsTold) {
  EXPECT_THAT(
      problems_with("Global: {inference_model_dir: models, use_npu: True, batchsize: 3}\n"),
      ElementsAre("deploy/configs/inference_cls.yaml:1: Global.use_npu: got \"True\", but only false is supported",
                  HasSubstr("Global: can't express \"batchsize\" (did you mean batch_size?), only ")));
  EXPECT_THAT(problems_with("Global: {inference_model_dir: models, use_gpu: True}\n"),
              ElementsAre("deploy/configs/inference_cls.yaml:1: use_gpu 1: this build of ppinfer runs on the CPU; set "
                          "use_gpu 0"));
  EXPECT_THAT(problems_with("model_dir models\n"),
              ElementsAre(HasSubstr("inference_cls.yaml:1: expected a map of Global, PreProcess or PostProcess"),
                          HasSubstr("no model: set")));
}

}  // namespace
}  // namespace ppinfer
