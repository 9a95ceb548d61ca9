#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "config/postprocess_keys.h"
#include "config_folder.h"

namespace ppinfer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ConfigPostprocess : public ConfigFolder {
 protected:
  void SetUp() override {
    ConfigFolder::SetUp();
    put_paddle_model("m");
  }

  static Config with_spec(const std::string& postprocess, std::vector<Override> overrides = {}) {
    put("m/inference.yml", "PostProcess:\n" + postprocess);
    overrides.insert(overrides.begin(), {"model_dir", "m"});
    return Config::from_overrides(overrides);
  }

  static std::vector<std::string> problems_with(const std::string& postprocess, std::vector<Override> overrides = {}) {
    try {
      with_spec(postprocess, std::move(overrides));
    } catch (const ConfigError& error) {
      return error.problems();
    }
    return {};
  }
};

TEST_F(ConfigPostprocess, EveryOperationOfTheSpecWithEveryParameter) {
  put("m/map.txt", "0,no\n1,yes\n");
  Settings settings = with_spec(
                          "  ThreshOutput: {threshold: 0.75, default_label_index: 3, label_0: nobody, label_1: "
                          "'some, one', class_id_map_file: map.txt, delimiter: ','}\n")
                          .settings();
  EXPECT_EQ(settings.postprocess, PostprocessOp::kThreshold);
  EXPECT_EQ(settings.threshold, 0.75);
  EXPECT_EQ(settings.default_label_index, 3);
  EXPECT_EQ(settings.label_0, "nobody");
  EXPECT_EQ(settings.label_1, "some, one");
  EXPECT_EQ(settings.label_path, "m/map.txt");
  EXPECT_EQ(settings.label_delimiter, ",");
  settings =
      with_spec("  PersonAttribute: {threshold: 0.25, glasses_threshold: 0.125, hold_threshold: 0.75}\n").settings();
  EXPECT_EQ(settings.postprocess, PostprocessOp::kPersonAttribute);
  EXPECT_THAT((std::vector<double>{settings.threshold, settings.glasses_threshold, settings.hold_threshold}),
              ElementsAre(0.25, 0.125, 0.75));
  settings = with_spec("  VehicleAttribute: {color_threshold: 0.25, type_threshold: 0.125}\n").settings();
  EXPECT_EQ(settings.postprocess, PostprocessOp::kVehicleAttribute);
  EXPECT_EQ(settings.color_threshold, 0.25);
  EXPECT_EQ(settings.type_threshold, 0.125);
  settings = with_spec("  ScoreOutput: {decimal_places: 3}\n").settings();
  EXPECT_EQ(settings.postprocess, PostprocessOp::kScore);
  EXPECT_EQ(settings.decimal_places, 3);
  EXPECT_EQ(with_spec("  NormalizeFeatures:\n").settings().postprocess, PostprocessOp::kEmbedding);
}

TEST_F(ConfigPostprocess, WhatTheSpecLeavesOutIsPaddleClasDefault) {
  EXPECT_EQ(with_spec("  Topk:\n").settings().topk, 1);
  EXPECT_EQ(with_spec("  ThreshOutput: {}\n").settings().threshold, 0);
  EXPECT_EQ(with_spec("  MultiLabelThreshOutput:\n").settings().threshold, 0.5);
  EXPECT_EQ(with_spec("  PersonAttribute:\n").settings().hold_threshold, 0.6);
  EXPECT_EQ(value_and_origin(with_spec("  ThreshOutput: {}\n"), "threshold"), "0 <- inference.yml");
}

TEST_F(ConfigPostprocess, MainIndicatorCopiesAndLabelsThatWinOverAFile) {
  const Config config = with_spec(
      "  main_indicator: MultiLabelThreshOutput\n"
      "  MultiLabelThreshOutput: {threshold: 0.25, class_id_map_file: nowhere.txt, label_list: [a, b]}\n"
      "  SavePreLabel: {save_dir: ./pre_label}\n");
  EXPECT_EQ(config.settings().postprocess, PostprocessOp::kMultilabel);
  EXPECT_EQ(config.settings().threshold, 0.25);
  EXPECT_EQ(config.settings().save_dir, "m/pre_label");
  EXPECT_THAT(config.model_labels(), ElementsAre("a", "b"));
}

TEST_F(ConfigPostprocess, WhatTheSpecMayNotSay) {
  EXPECT_THAT(problems_with("  ScoreOutput:\n"), ElementsAre("m/inference.yml:2: ScoreOutput: needs decimal_places"));
  EXPECT_THAT(problems_with("  ScoreOutput: {decimal_places: -1}\n"),
              ElementsAre("m/inference.yml:2: ScoreOutput.decimal_places: got \"-1\", but only 0 to 9 is supported"));
  EXPECT_THAT(problems_with("  PersonAttribute: {hat_threshold: 1}\n"),
              ElementsAre("m/inference.yml:2: PersonAttribute: can't express \"hat_threshold\" (did you mean "
                          "hold_threshold?), only threshold, "
                          "glasses_threshold or hold_threshold"));
  EXPECT_THAT(problems_with("  FaceAttribute:\n"),
              ElementsAre(HasSubstr("can't express \"FaceAttribute\", only Topk")));
  EXPECT_THAT(
      problems_with("  main_indicator: ThreshOutput\n  Topk: {topk: 1}\n"),
      ElementsAre("m/inference.yml:2: PostProcess.main_indicator: got \"ThreshOutput\", expected the name of the "
                  "operation beside it"));
  EXPECT_THAT(problems_with("  Topk: {topk: 1}\n  SavePreLabel:\n"),
              ElementsAre(HasSubstr("SavePreLabel: needs save_dir")));
  EXPECT_THAT(problems_with("  ThreshOutput: {default_label_index: -1}\n"),
              ElementsAre(HasSubstr("ThreshOutput.default_label_index: got \"-1\", expected an integer from 0")));
}

TEST_F(ConfigPostprocess, AnotherOpPutsTheSpecsParametersAside) {
  const std::string spec = "  ThreshOutput: {threshold: 0.875, label_0: no}\n";
  const Config other = with_spec(spec, {{"postprocess", "multilabel"}});
  EXPECT_EQ(value_and_origin(other, "threshold"), "0.5 <- default");
  EXPECT_EQ(value_and_origin(other, "label_0"), " <- default");
  EXPECT_EQ(value_and_origin(with_spec(spec, {{"postprocess", "threshold"}}), "threshold"), "0.875 <- inference.yml");
  EXPECT_EQ(value_and_origin(with_spec(spec, {{"threshold", "0.25"}}), "threshold"), "0.25 <- -o");
}

TEST_F(ConfigPostprocess, KeysThatTheOpHasNoUseForAreContradictions) {
  EXPECT_THAT(problems_with("  Topk: {topk: 2}\n", {{"threshold", "0.75"}}),
              ElementsAre("-o threshold=0.75: threshold 0.75 has no effect with postprocess topk: leave it out, or set "
                          "postprocess threshold, multilabel or person_attribute"));
  put("labels.txt", "a\n");
  const auto problems = problems_of(
      "cls_model_path m/inference.pdmodel\npostprocess embedding\ntopk 3\nlabel_path labels.txt\n"
      "softmax on\nsave_dir out\n");
  EXPECT_THAT(problems,
              testing::UnorderedElementsAre(HasSubstr("config.txt:3: topk 3 has no effect with postprocess embedding"),
                                            HasSubstr("config.txt:4: label_path labels.txt has no effect"),
                                            HasSubstr("config.txt:5: softmax on has no effect"),
                                            HasSubstr("config.txt:6: save_dir out has no effect")));
}

TEST_F(ConfigPostprocess, KeysOfALowerLayerAreNoContradiction) {
  put("m/inference.yml", "PostProcess: {Topk: {topk: 2, label_list: [a, b]}}\n");
  const std::string text = "model_dir m\npostprocess threshold\nthreshold 0.75\n";
  EXPECT_THAT(problems_of(text, {{"postprocess", "score"}}), IsEmpty());
  EXPECT_THAT(problems_of("model_dir m\nthreshold 0.5\n"), IsEmpty()) << "its default says nothing";
}

TEST_F(ConfigPostprocess, TextsAreNoPaths) {
  put("m/inference.yml", "PostProcess: {Topk: {topk: 2}}\n");
  const Config config = config_of("model_dir m\npostprocess threshold\nlabel_0 \"no one\"\nlabel_delimiter \" \"\n");
  EXPECT_EQ(config.settings().label_0, "no one");
  EXPECT_EQ(config.settings().label_delimiter, " ");
  EXPECT_EQ(find_field("label_0")->type, "text");
  EXPECT_EQ(find_field("save_dir")->type, "path");
}

TEST(PostprocessTable, EveryKeyIsOneAndEveryOpHasARow) {
  std::set<PostprocessOp> ops;
  for (const PostprocessKeys& row : postprocess_table()) {
    ops.insert(row.op);
    for (const PostprocessParameter& parameter : row.parameters) {
      EXPECT_NE(find_field(parameter.key), nullptr) << parameter.key;
    }
  }
  EXPECT_EQ(ops.size(), 7u);
}

TEST(PostprocessSettings, TakesTheKeysOfPostprocessingAlone) {
  const Settings settings = postprocess_settings({{"postprocess", "threshold"}, {"threshold", "0.25"}});
  EXPECT_EQ(settings.postprocess, PostprocessOp::kThreshold);
  EXPECT_EQ(settings.threshold, 0.25);
  try {
    postprocess_settings({{"topk", "0"}, {"tresh", "1"}, {"lanes", "2"}});
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.problems(), ElementsAre(HasSubstr("topk=0: got \"0\", expected an integer from 1"),
                                              HasSubstr("unknown key"), HasSubstr("lanes has no effect")));
  }
}

}  // namespace
}  // namespace ppinfer
