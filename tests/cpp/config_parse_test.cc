#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "config/parse.h"
#include "config_folder.h"

namespace ppinfer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::map<std::string, std::string> parsed(const std::string& text, const std::string& path = "config.txt") {
  std::vector<std::string> problems;
  const ConfigLayer layer = parse_config_text(text, path, problems);
  EXPECT_THAT(problems, IsEmpty());
  std::map<std::string, std::string> values;
  for (const Assignment& assignment : layer.assignments()) values[assignment.field->name] = assignment.text;
  return values;
}

struct Line {
  std::string text;
  std::string value;
};

TEST(ConfigParse, TheValueIsTheRestOfTheLine) {
  const Line lines[] = {
      {"model_dir m", "m"},
      {"model_dir\tm", "m"},
      {"  model_dir \t m \t ", "m"},
      {"model_dir my models/resnet 50", "my models/resnet 50"},
      {"model_dir \"my models\"", "my models"},
      {"model_dir 'my models'", "my models"},
      {"model_dir ' padded '", " padded "},
      {"model_dir \"it's # one\"  # a comment", "it's # one"},
      {"model_dir it's", "it's"},
      {"model_dir a#b", "a#b"},
      {"model_dir a #b", "a"},
      {"model_dir a\t# b # c", "a"},
      {"model_dir \"\"", ""},
      {"model_dir m\r", "m"},
      {"model_dir gr\xc3\xbc\xc3\x9f"
       "e",
       "gr\xc3\xbc\xc3\x9f"
       "e"},
      {"model_dir /absolute/m", "/absolute/m"},
  };
  for (const Line& line : lines) {
    EXPECT_EQ(parsed(line.text), (std::map<std::string, std::string>{{"model_dir", line.value}})) << line.text;
  }
}

TEST(ConfigParse, BlankLinesAndCommentsSayNothing) {
  EXPECT_TRUE(parsed("").empty());
  EXPECT_TRUE(parsed("\n\r\n  \t\n# topk 1\n   # topk 2\n#topk 3").empty());
}

TEST(ConfigParse, WindowsFilesReadTheSame) {
  const auto values = parsed("\xEF\xBB\xBFtopk 3\r\n\r\nmodel_dir a b\r\n# x\r\nlanes 2");
  EXPECT_EQ(values, (std::map<std::string, std::string>{{"topk", "3"}, {"model_dir", "a b"}, {"lanes", "2"}}));
}

TEST(ConfigParse, PathsAreRelativeToTheFilesFolder) {
  EXPECT_EQ(parsed("label_path labels.txt", "some folder/config.txt").at("label_path"), "some folder/labels.txt");
  EXPECT_EQ(parsed("label_path ../labels.txt", "/etc/p/config.txt").at("label_path"), "/etc/p/../labels.txt");
  EXPECT_EQ(parsed("label_path /labels.txt", "some folder/config.txt").at("label_path"), "/labels.txt");
  EXPECT_EQ(parsed("label_path \"\"", "some folder/config.txt").at("label_path"), "");
}

TEST(ConfigParse, BooleansComeInEveryUsualSpelling) {
  for (const char* on : {"1", "true", "on", "yes", "True", "ON"}) {
    Settings settings;
    EXPECT_TRUE(find_field("use_gpu")->parse(on, settings)) << on;
    EXPECT_TRUE(settings.use_gpu) << on;
  }
  for (const char* off : {"0", "false", "off", "no", "False"}) {
    Settings settings;
    EXPECT_TRUE(find_field("use_mkldnn")->parse(off, settings)) << off;
    EXPECT_FALSE(settings.use_mkldnn) << off;
  }
  Settings settings;
  for (const char* neither : {"", "2", "maybe", "tru", "01"}) {
    EXPECT_FALSE(find_field("use_gpu")->parse(neither, settings)) << neither;
  }
}

TEST(ConfigParse, NumbersListsAndSizes) {
  Settings settings;
  for (const char* scale : {"1.0/255.0", "1/255", " 1. / 255. ", "0.00392156862745098"}) {
    EXPECT_TRUE(find_field("scale")->parse(scale, settings)) << scale;
    EXPECT_DOUBLE_EQ(settings.scale, 1.0 / 255.0) << scale;
  }
  EXPECT_TRUE(find_field("mean")->parse("0.5, -1e-3 ,0", settings));
  EXPECT_THAT(settings.mean, ElementsAre(0.5, -1e-3, 0.0));
  EXPECT_TRUE(find_field("crop_size")->parse("192,48", settings));
  EXPECT_EQ(settings.crop_size, (Size{192, 48}));
  EXPECT_TRUE(find_field("crop_size")->parse("0", settings));
  EXPECT_EQ(settings.crop_size, (Size{}));
  EXPECT_TRUE(find_field("interpolation")->parse("Lanczos", settings));
  EXPECT_EQ(settings.interpolation, Interpolation::kLanczos);
}

TEST(ConfigParse, NotValuesOfTheirKeys) {
  const std::vector<Line> wrong = {
      {"scale", "1/0"},
      {"scale", "1/2/3"},
      {"scale", "0"},
      {"scale", "-1"},
      {"scale", "nan"},
      {"scale", "inf"},
      {"scale", "__import__"},
      {"scale", ""},
      {"mean", "0.5"},
      {"mean", "1,2"},
      {"mean", "1,2,3,4"},
      {"mean", "1,2,"},
      {"mean", "1,2,inf"},
      {"std", "1,0,1"},
      {"std", "1,-1,1"},
      {"crop_size", "224,0"},
      {"crop_size", "1,2,3"},
      {"crop_size", "-1"},
      {"crop_size", "16385"},
      {"crop_size", "224x224"},
      {"topk", "0"},
      {"topk", "99999999999"},
      {"topk", "5.0"},
      {"topk", "0x5"},
      {"topk", "5 5"},
      {"topk", ""},
      {"lanes", "-1"},
      {"lanes", "1025"},
      {"max_pixels", "0"},
      {"max_pixels", "1e6"},
      {"engine", "tensorrt"},
      {"precision", "fp16"},
      {"channel_order", "rbg"},
      {"interpolation", "linear"},
  };
  for (const auto& [key, value] : wrong) {
    Settings settings;
    EXPECT_FALSE(find_field(key)->parse(value, settings)) << key << " " << value;
  }
}

TEST(ConfigParse, OverridesAreTakenAsTheyAre) {
  std::vector<std::string> problems;
  const ConfigLayer layer = parse_overrides({{"model_dir", "a #b"}, {"label_path", "'x'"}}, problems);
  EXPECT_THAT(problems, IsEmpty());
  EXPECT_EQ(layer.find("model_dir")->text, "a #b");
  EXPECT_EQ(layer.find("label_path")->text, "'x'");
}

// Bytes that are no config at all end in problems, never in a crash; the sanitized builds are what makes this strict.
TEST(ConfigParse, AnyBytesAreReadOrRefused) {
  std::string bytes;
  unsigned state = 1;
  for (int round = 0; round < 50; ++round) {
    bytes.clear();
    for (int i = 0; i < 300; ++i) {
      state = state * 1664525u + 1013904223u;
      const unsigned pick = state >> 24;
      bytes += pick < 40 ? '\n' : pick < 80 ? ' ' : pick < 90 ? '"' : pick < 100 ? '#' : static_cast<char>(state >> 16);
    }
    std::vector<std::string> problems;
    parse_config_text(bytes, "config.txt", problems);
    EXPECT_FALSE(problems.empty());
  }
}

}  // namespace
}  // namespace ppinfer
