#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config_folder.h"

namespace ppinfer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ConfigLayers : public ConfigFolder {
 protected:
  void SetUp() override {
    ConfigFolder::SetUp();
    put_paddle_model("model");
  }

  static void put_spec(const std::string& resize, const std::string& crop = "") {
    put("model/inference.yml",
        "PreProcess:\n  transform_ops:\n  - ResizeImage: " + resize + "\n" +
            (crop.empty() ? "" : "  - CropImage: {size: " + crop + "}\n") +
            "  - NormalizeImage: {scale: 1.0/255.0, mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25], order: ''}\n"
            "  - ToCHWImage: null\n"
            "PostProcess:\n  Topk: {topk: 3, label_list: [cat, dog]}\n");
  }
};

TEST_F(ConfigLayers, LaterLayersWinAndEachValueKnowsItsOrigin) {
  put_spec("{resize_short: 320}", "288");
  const Config config = config_of("# a model\nmodel_dir model\ntopk 4\nmean 0.1,0.1,0.1\n", {{"topk", "2"}});
  EXPECT_EQ(value_and_origin(config, "topk"), "2 <- -o");
  EXPECT_EQ(value_and_origin(config, "mean"), "0.1,0.1,0.1 <- config.txt:4");
  EXPECT_EQ(value_and_origin(config, "std"), "0.25,0.25,0.25 <- inference.yml");
  EXPECT_EQ(value_and_origin(config, "crop_size"), "288 <- inference.yml");
  EXPECT_EQ(value_and_origin(config, "interpolation"), "bilinear <- inference.yml");
  EXPECT_EQ(value_and_origin(config, "model_dir"), "model <- config.txt:2");
  EXPECT_EQ(value_and_origin(config, "cls_model_path"), "model/inference.pdmodel <- model_dir");
  EXPECT_EQ(value_and_origin(config, "cls_params_path"), "model/inference.pdiparams <- cls_model_path");
  EXPECT_EQ(value_and_origin(config, "label_path"), " <- inference.yml (label_list)");
  EXPECT_EQ(effective(config, "label_path").layer, LayerRank::kModelSpec);
  EXPECT_EQ(config.settings().topk, 2);
  EXPECT_EQ(config.input_size(), (Size{288, 288}));
  EXPECT_THAT(config.model_labels(), ElementsAre("cat", "dog"));
}

TEST_F(ConfigLayers, EveryKeyIsInTableOrder) {
  const Config config = config_of("model_dir model\n");
  const std::vector<FieldInfo> fields = config_fields();
  ASSERT_EQ(config.effective().size(), fields.size());
  for (std::size_t i = 0; i < fields.size(); ++i) EXPECT_EQ(config.effective()[i].key, fields[i].name);
}

TEST_F(ConfigLayers, AShortSideOverAnExactSize) {
  put_spec("{size: [192, 48]}");
  EXPECT_EQ(config_of("model_dir model\n").input_size(), (Size{192, 48}));
  const Config config = config_of("model_dir model\nresize_short_size 96\ncrop_size 64\n");
  EXPECT_EQ(value_and_origin(config, "resize_width"), "0 <- config.txt:2");
  EXPECT_EQ(value_and_origin(config, "resize_height"), "0 <- config.txt:2");
  EXPECT_EQ(config.settings().resize_short_size, 96);
  EXPECT_EQ(config.input_size(), (Size{64, 64}));
}

TEST_F(ConfigLayers, AnExactSizeOverAShortSideMeansNoCropUnlessOneIsSet) {
  put_spec("{resize_short: 320}", "288");
  const Config exact = config_of("model_dir model\nresize_width 192\nresize_height 48\n");
  EXPECT_EQ(value_and_origin(exact, "resize_short_size"), "0 <- config.txt:2");
  EXPECT_EQ(value_and_origin(exact, "crop_size"), "0 <- config.txt:2");
  EXPECT_EQ(exact.input_size(), (Size{192, 48}));
  EXPECT_EQ(config_of("model_dir model\nresize_width 192\nresize_height 48\ncrop_size 40\n").input_size(),
            (Size{40, 40}));
  EXPECT_EQ(config_of("model_dir model\nresize_width 192\nresize_height 48\n", {{"crop_size", "100,30"}}).input_size(),
            (Size{100, 30}));
}

TEST_F(ConfigLayers, AZeroOnlySaysThatAWayToResizeIsUnused) {
  const Config config = config_of("model_dir model\nresize_short_size 256\nresize_width 0\nresize_height 0\n");
  EXPECT_EQ(config.input_size(), (Size{224, 224}));
}

TEST_F(ConfigLayers, OnePartOfAnExactSizeMayBeOverridden) {
  const Config config = config_of("model_dir model\nresize_width 192\nresize_height 48\n", {{"resize_width", "320"}});
  EXPECT_EQ(config.input_size(), (Size{320, 48}));
}

TEST_F(ConfigLayers, TheModelsLabelsGiveWayToLabelPath) {
  put_spec("{resize_short: 256}", "224");
  put("labels.txt", "a\nb\n");
  const Config config = config_of("model_dir model\nlabel_path labels.txt\n");
  EXPECT_EQ(value_and_origin(config, "label_path"), "labels.txt <- config.txt:2");
  EXPECT_THAT(config.model_labels(), IsEmpty());
  EXPECT_THAT(config_of("model_dir model\n", {{"label_path", ""}}).model_labels(), IsEmpty());
}

TEST_F(ConfigLayers, OverridesAloneMakeAConfig) {
  put_spec("{resize_short: 320}", "288");
  const Config config =
      Config::from_overrides({{"model_dir", "model"}, {"engine", "openvino"}, {"exif_rotate", "False"}});
  EXPECT_EQ(config.input_size(), (Size{288, 288}));
  EXPECT_EQ(config.settings().engine, EngineKind::kOpenVino);
  EXPECT_FALSE(config.settings().exif_rotate);
  EXPECT_EQ(value_and_origin(config, "model_dir"), "model <- -o");
}

TEST_F(ConfigLayers, PathsInTheFileAndInOverridesStartFromTheirOwnFolders) {
  put_paddle_model("deploy here/model");
  put("deploy here/config.txt", "model_dir model\nlabel_path labels.txt\n");
  put("deploy here/labels.txt", "a\n");
  put("labels.txt", "b\n");
  EXPECT_EQ(Config::from_file("deploy here/config.txt").settings().label_path, "deploy here/labels.txt");
  const Config config = Config::from_file("deploy here/config.txt", {{"label_path", "labels.txt"}});
  EXPECT_EQ(config.settings().label_path, "labels.txt");
  EXPECT_EQ(config.settings().cls_model_path, "deploy here/model/inference.pdmodel");
}

}  // namespace
}  // namespace ppinfer
