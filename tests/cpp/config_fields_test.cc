#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <set>
#include <sstream>

#include "config/field_table.h"
#include "config_folder.h"

namespace ppinfer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(ConfigFields, EveryRowIsWhole) {
  std::set<std::string> names;
  for (const ConfigField& field : field_table()) {
    EXPECT_TRUE(names.insert(field.name).second) << field.name;
    EXPECT_EQ(find_field(field.name), &field);
    EXPECT_GT(field.help.size(), 15u) << field.name;
    EXPECT_THAT(field.help, Not(HasSubstr("%s"))) << field.name;
    Settings settings;
    EXPECT_TRUE(field.parse(field.default_value, settings)) << field.name;
    EXPECT_STRNE(to_string(field.effect), "") << field.name;
    EXPECT_STRNE(to_string(field.group), "") << field.name;
    EXPECT_NE(field.type, "") << field.name;
    EXPECT_NE(field.expected, "") << field.name;
    EXPECT_TRUE(field.type != "int" || std::isfinite(field.range.max)) << field.name << " has no range";
    EXPECT_TRUE(!field.guessed_when_unset || field.effect < KeyEffect::kLogits) << field.name;
    EXPECT_TRUE(!field.chooses_paddle || field.paddle_only) << field.name;
  }
  EXPECT_EQ(find_field("resize_short"), nullptr);
}

TEST(ConfigFields, TheTableAndSettingsAgreeOnDefaults) {
  for (const ConfigField& field : field_table()) {
    Settings from_table;
    field.parse(field.default_value, from_table);
    EXPECT_EQ(field.print(Settings{}), field.print(from_table)) << field.name;
  }
}

TEST(ConfigFields, WhatIsPrintedReadsBackTheSame) {
  const std::pair<const char*, const char*> values[] = {{"scale", "0.1"},
                                                        {"mean", "0.1,-2,1e-30"},
                                                        {"crop_size", "192,48"},
                                                        {"crop_size", "0"},
                                                        {"use_mkldnn", "0"},
                                                        {"engine", "openvino"},
                                                        {"precision", "bf16"},
                                                        {"precision", "int8"},
                                                        {"interpolation", "area"},
                                                        {"channel_order", "bgr"},
                                                        {"max_pixels", "1000000"},
                                                        {"model_dir", "a b/#c"},
                                                        {"scale", "0.00392156862745098"},
                                                        {"interpolation", "nearest"}};
  for (const auto& [key, text] : values) {
    Settings settings;
    ASSERT_TRUE(find_field(key)->parse(text, settings)) << key;
    EXPECT_EQ(find_field(key)->print(settings), text) << key;
  }
}

TEST(ConfigFields, AValueHasTheTypeOfItsKey) {
  const auto value = [](const char* key, const char* text) {
    EffectiveValue row;
    row.key = key;
    row.text = text;
    return row.value();
  };
  EXPECT_EQ(value("use_mkldnn", "1"), ConfigValue(true));
  EXPECT_EQ(value("topk", "5"), ConfigValue(std::int64_t{5}));
  EXPECT_EQ(value("max_pixels", "89478485"), ConfigValue(std::int64_t{89478485}));
  EXPECT_EQ(value("scale", "1/4"), ConfigValue(0.25));
  EXPECT_EQ(value("mean", "0.5,0.25,0"), ConfigValue(std::vector<double>{0.5, 0.25, 0}));
  EXPECT_EQ(value("crop_size", "192,48"), ConfigValue(Size{192, 48}));
  EXPECT_EQ(value("label_delimiter", "1"), ConfigValue(std::string("1")));
  EXPECT_EQ(value("decode", "FAST"), ConfigValue(std::string("fast")));
}

TEST(ConfigFields, PaddleClasKeysAreMarked) {
  std::vector<std::string> legacy;
  for (const FieldInfo& field : config_fields()) {
    if (field.legacy) legacy.push_back(field.name);
  }
  EXPECT_THAT(legacy, ElementsAre("cls_model_path", "cls_params_path", "use_gpu", "gpu_id", "gpu_mem", "use_tensorrt",
                                  "use_fp16", "use_mkldnn", "cpu_math_library_num_threads", "benchmark",
                                  "resize_short_size", "crop_size"));
}

TEST(ConfigFields, TheTestsEngineIsNeverSpokenOf) {
  EXPECT_THAT(config_template(), Not(HasSubstr("fake")));
  for (const FieldInfo& field : config_fields()) {
    if (field.name != "engine") continue;
    EXPECT_EQ(field.type, "auto|openvino|paddle");
    EXPECT_EQ(field.expected, "auto, openvino or paddle");
    EXPECT_EQ(field.group, FieldGroup::kEngine);
    EXPECT_THAT(field.choices, ElementsAre("auto", "openvino", "paddle"));
  }
  Settings settings;
  EXPECT_TRUE(find_field("engine")->parse("fake", settings));
}

std::string file_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(ConfigTemplate, IsWhatConfigsHolds) {
  EXPECT_EQ(file_text(PPINFER_SOURCE_DIR "/configs/config.txt"), config_template())
      << "configs/config.txt is config_template()'s output; write it anew";
}

TEST(ConfigTemplate, LinesAreShortAndEveryKeyIsThereOnce) {
  std::stringstream lines(config_template());
  std::vector<std::string> keys;
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(line.size(), 100u) << line;
    if (line.size() > 1 && line[0] == '#' && line[1] != ' ') keys.push_back(line.substr(1, line.find(' ') - 1));
  }
  EXPECT_EQ(keys, field_names());
}

class Template : public ConfigFolder {};

TEST_F(Template, AsItIsItSetsNothing) {
  put("m.fake", "");
  const Config config = config_of(config_template(), {{"cls_model_path", "m.fake"}});
  for (const EffectiveValue& value : config.effective()) {
    EXPECT_THAT(value.origin, StartsWith(value.key == "cls_model_path" ? "-o" : "default")) << value.key;
  }
}

TEST_F(Template, WithEveryLineUncommentedItIsTheDefaults) {
  put_paddle_model("m");
  std::stringstream lines(config_template());
  std::string text;
  for (std::string line; std::getline(lines, line);) {
    const bool is_key = line.size() > 1 && line[0] == '#' && line[1] != ' ';
    text += (is_key ? line.substr(1) : line) + "\n";
  }
  const std::vector<Override> model = {{"cls_model_path", "m/inference.pdmodel"}};
  const Config set = config_of(text, model);
  const Config unset = Config::from_overrides(model);
  for (std::size_t i = 0; i < set.effective().size(); ++i) {
    EXPECT_EQ(set.effective()[i].text, unset.effective()[i].text) << set.effective()[i].key;
    if (set.effective()[i].key.find("cls_") == 0) continue;
    EXPECT_THAT(set.effective()[i].origin, HasSubstr("config.txt:")) << set.effective()[i].key;
  }
  EXPECT_EQ(set.input_size(), (Size{224, 224}));
}

}  // namespace
}  // namespace ppinfer
