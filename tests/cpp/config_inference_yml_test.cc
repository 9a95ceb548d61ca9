#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/inference_yml.h"
#include "config_folder.h"

namespace ppinfer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// The form in which PaddleClas and PaddleX export, anchors and all.
const char* const kExported = R"(Global:
  model_name: PP-LCNet_x1_0
Hpi:
  backend_configs:
    paddle_infer:
      trt_dynamic_shapes: &id001
        x:
        - [1, 3, 224, 224]
        - [8, 3, 224, 224]
    tensorrt:
      dynamic_shapes: *id001
PreProcess:
  transform_ops:
  - ResizeImage:
      resize_short: 256
      interpolation: bicubic
      backend: cv2
  - CropImage:
      size: &side 224
  - NormalizeImage:
      channel_num: 3
      mean: &half
      - 0.5
      - 0.25
      - 0.125
      order: ''
      scale: 0.00392156862745098
      std: *half
  - ToCHWImage: null
PostProcess:
  Topk:
    topk: 3
    label_list:
    - tench, Tinca tinca
    - "goldfish: the small one"
    - 'true'
)";

class InferenceYml : public ConfigFolder {
 protected:
  void SetUp() override {
    ConfigFolder::SetUp();
    put_paddle_model("m");
  }

  static Config config_with(const std::string& yml) {
    put("m/inference.yml", yml);
    return Config::from_overrides({{"model_dir", "m"}});
  }

  static std::vector<std::string> problems_with(const std::string& yml) {
    put("m/inference.yml", yml);
    try {
      Config::from_overrides({{"model_dir", "m"}});
    } catch (const ConfigError& error) {
      return error.problems();
    }
    return {};
  }

  // A spec whose list of operations begins on line 3.
  static std::string with_operations(const std::string& operations) {
    return "PreProcess:\n  transform_ops:\n" + operations;
  }
};

TEST_F(InferenceYml, AnExportedSpecIsReadWhole) {
  const Config config = config_with(kExported);
  const Settings& settings = config.settings();
  EXPECT_EQ(settings.resize_short_size, 256);
  EXPECT_EQ(settings.interpolation, Interpolation::kBicubic);
  EXPECT_EQ(settings.crop_size, (Size{224, 224}));
  EXPECT_THAT(settings.mean, ElementsAre(0.5, 0.25, 0.125));
  EXPECT_THAT(settings.std, ElementsAre(0.5, 0.25, 0.125));
  EXPECT_DOUBLE_EQ(settings.scale, 1.0 / 255.0);
  EXPECT_EQ(settings.topk, 3);
  EXPECT_THAT(config.model_labels(), ElementsAre("tench, Tinca tinca", "goldfish: the small one", "true"));
  EXPECT_EQ(value_and_origin(config, "std"), "0.5,0.25,0.125 <- inference.yml");
}

TEST_F(InferenceYml, ItIsFoundBesideTheModelFileToo) {
  put("m/inference.yml", kExported);
  EXPECT_EQ(Config::from_overrides({{"cls_model_path", "m/inference.pdmodel"}}).settings().topk, 3);
}

TEST_F(InferenceYml, DecodeBgrExactSizeFractionAndLabelFile) {
  put("m/names.txt", "a\nb\n");
  const Config config =
      config_with(with_operations("  - DecodeImage: {to_rgb: false, channel_first: false}\n"
                                  "  - ResizeImage: {size: [192, 48], return_numpy: true}\n"
                                  "  - NormalizeImage: {scale: 1.0/255.0, order: hwc, output_fp16: false}\n"
                                  "  - ToCHWImage:\n") +
                  "PostProcess: {Topk: {topk: 2, label_list: names.txt}}\n");
  EXPECT_EQ(config.settings().channel_order, ChannelOrder::kBgr);
  EXPECT_EQ(config.input_size(), (Size{192, 48}));
  EXPECT_EQ(value_and_origin(config, "crop_size"), "0 <- inference.yml");
  EXPECT_DOUBLE_EQ(config.settings().scale, 1.0 / 255.0);
  EXPECT_EQ(config.settings().label_path, "m/names.txt");
  EXPECT_THAT(config.model_labels(), IsEmpty());
}

TEST_F(InferenceYml, PillowsResizeAndFourChannelsOfFp16) {
  const Config config = config_with(
      with_operations("  - ResizeImage: {size: 224, interpolation: box, backend: PIL, return_numpy: False}\n"
                      "  - NormalizeImage: {order: '', channel_num: 4, output_fp16: True}\n  - ToCHWImage: null\n"));
  EXPECT_EQ(value_and_origin(config, "resize_backend"), "pil <- inference.yml");
  EXPECT_EQ(config.settings().interpolation, Interpolation::kBox);
  EXPECT_EQ(config.settings().channel_num, 4);
  EXPECT_TRUE(config.settings().round_to_fp16);
}

TEST_F(InferenceYml, CropImageAtRatioIsASquareAndAResize) {
  const Config config =
      config_with(with_operations("  - CropImageAtRatio: {size: 224, pad: 32, interpolation: bicubic}\n"
                                  "  - ToCHWImage: null\n  - NormalizeImage: {order: chw}\n"));
  EXPECT_EQ(config.settings().crop_ratio, 224.0 / (224 + 32));
  EXPECT_EQ(config.settings().interpolation, Interpolation::kBicubic);
  EXPECT_EQ(config.input_size(), (Size{224, 224}));
  EXPECT_EQ(value_and_origin(config, "crop_size"), "0 <- inference.yml");
}

// PaddleClas looks at size only where resize_short is missing, 0 or less.
TEST_F(InferenceYml, ResizeShortWinsOverSize) {
  const std::string rest = "}\n  - CropImage: {size: 100}\n  - ToCHWImage: null\n";
  EXPECT_EQ(config_with(with_operations("  - ResizeImage: {resize_short: 256, size: 224" + rest))
                .settings()
                .resize_short_size,
            256);
  EXPECT_EQ(
      config_with(with_operations("  - ResizeImage: {resize_short: -1, size: 224" + rest)).settings().resize_width,
      224);
}

TEST_F(InferenceYml, WithoutNormalizeImagePixelsStayAsTheyAre) {
  const Config config = config_with(with_operations("  - ResizeImage: {size: 224}\n  - ToCHWImage: null\n"));
  EXPECT_EQ(value_and_origin(config, "scale"), "1 <- inference.yml");
  EXPECT_EQ(value_and_origin(config, "mean"), "0,0,0 <- inference.yml");
  EXPECT_EQ(value_and_origin(config, "std"), "1,1,1 <- inference.yml");
}

TEST_F(InferenceYml, WithoutCropImageTheShortSideAloneIsRefusedUntilTheUserCrops) {
  const std::string yml = with_operations("  - ResizeImage: {resize_short: 256}\n  - ToCHWImage: null\n");
  EXPECT_THAT(problems_with(yml),
              ElementsAre("m/inference.yml:3: crop_size 0 with resize_short_size leaves images of different sizes: set "
                          "crop_size, or resize_width and resize_height"));
  EXPECT_EQ(Config::from_overrides({{"model_dir", "m"}, {"crop_size", "128"}}).input_size(), (Size{128, 128}));
}

TEST_F(InferenceYml, ASpecWithoutPreProcessLeavesTheDefaults) {
  const Config config = config_with("Global: {model_name: x}\nPostProcess: {Topk: {topk: 2}}\n");
  EXPECT_EQ(value_and_origin(config, "crop_size"), "224 <- default");
  EXPECT_EQ(value_and_origin(config, "topk"), "2 <- inference.yml");
}

struct WrongSpec {
  std::string name;
  std::string yml;
  std::vector<std::string> problems;
};

void PrintTo(const WrongSpec& wrong, std::ostream* out) { *out << wrong.name; }

const std::string kOps = "PreProcess:\n  transform_ops:\n";
const std::string kOrder =
    "; the order that is supported is DecodeImage, ResizeImage or CropImageAtRatio, CropImage, then NormalizeImage "
    "and ToCHWImage";

const WrongSpec kWrongSpecs[] = {
    {"unknown_operation",
     kOps + "  - ResizeImage: {resize_short: 256}\n  - RandomFlip: {}\n  - CropImage: {size: 224}\n",
     {"m/inference.yml:4: PreProcess.transform_ops: no operation \"RandomFlip\", only DecodeImage, ResizeImage, "
      "CropImageAtRatio, CropImage, NormalizeImage or ToCHWImage"}},
    {"unknown_parameters",
     kOps + "  - ResizeImage:\n      resize_short: 256\n      backend: turbo\n      interpolation: random\n"
            "      resize_long: 3\n  - ToCHWImage: {x: 1}\n",
     {"m/inference.yml:5: ResizeImage.backend: got \"turbo\", expected cv2 or pil",
      "m/inference.yml:6: ResizeImage.interpolation: got \"random\", expected nearest, bilinear, bicubic, area, "
      "lanczos, box or hamming",
      "m/inference.yml:7: ResizeImage: can't express \"resize_long\", only resize_short, size, interpolation, backend "
      "or return_numpy",
      "m/inference.yml:8: ToCHWImage: can't express \"x\", only no parameters"}},
    {"normalize",
     kOps + "  - NormalizeImage:\n      scale: eval(1)\n      mean: [0.5, 0.5]\n      std: [1, 0, 1]\n"
            "      order: chw\n      channel_num: 5\n      output_fp16: float16\n",
     {"m/inference.yml:4: NormalizeImage.scale: got \"eval(1)\", expected a number greater than 0, or a fraction such "
      "as 1.0/255.0",
      "m/inference.yml:5: NormalizeImage.mean: got \"0.5,0.5\", expected 3 numbers, such as 0.5,0.5,0.5",
      "m/inference.yml:6: NormalizeImage.std: got \"1,0,1\", expected 3 numbers greater than 0, such as 0.5,0.5,0.5",
      "m/inference.yml:7: NormalizeImage.order: got \"chw\", but only hwc is supported",
      "m/inference.yml:8: NormalizeImage.channel_num: got \"5\", expected an integer from 3 to 4",
      "m/inference.yml:9: NormalizeImage.output_fp16: got \"float16\", expected 0 or 1 (or false, true, "
      "off, on, no, yes)"}},
    {"order",
     kOps + "  - CropImage: {size: 224}\n  - ResizeImage: {resize_short: 256}\n  - CropImage: {size: 224}\n",
     {"m/inference.yml:4: ResizeImage: comes after CropImage" + kOrder,
      "m/inference.yml:5: CropImage: occurs twice" + kOrder}},
    {"missing_operations",
     kOps + "  - CropImage: {size: 224}\n",
     {"m/inference.yml:3: PreProcess.transform_ops: ResizeImage is missing: no config key can leave it out",
      "m/inference.yml:3: PreProcess.transform_ops: ToCHWImage is missing: no config key can leave it out"}},
    {"parameters_of_nothing",
     kOps + "  - ResizeImage: {resize_short: null}\n  - CropImage: {size: }\n  - ToCHWImage: null\n",
     {"m/inference.yml:3: ResizeImage: needs resize_short or size", "m/inference.yml:4: CropImage: needs size"}},
    {"missing_parameters",
     kOps + "  - ResizeImage: {interpolation: area}\n  - CropImage: null\n  - ToCHWImage: null\n",
     {"m/inference.yml:3: ResizeImage: needs resize_short or size", "m/inference.yml:4: CropImage: needs size"}},
    {"two_resizes",
     kOps + "  - CropImageAtRatio: {size: 224, pad: 32}\n  - ResizeImage: {size: 224}\n  - ToCHWImage: null\n",
     {"m/inference.yml:4: ResizeImage: conflicts with CropImageAtRatio" + kOrder}},
    {"crop_at_ratio",
     kOps + "  - CropImageAtRatio: {size: 224, pad: some, backend: pil}\n",
     {"m/inference.yml:3: CropImageAtRatio: can't express \"backend\", only size, pad or interpolation",
      "m/inference.yml:3: CropImageAtRatio: expected size and pad, both whole numbers of pixels, such as {size: 224, "
      "pad: 32}"}},
    {"interpolation_of_the_other_backend",
     kOps + "  - ResizeImage: {size: 224, interpolation: area, backend: PIL}\n  - ToCHWImage: null\n",
     {"m/inference.yml:3: interpolation area is not one of resize_backend pil: take box, or resize_backend cv2"}},
    {"sizes",
     kOps + "  - DecodeImage: {to_rgb: maybe, channel_first: true}\n  - ResizeImage: {size: [1, 2, 3]}\n"
            "  - CropImage: {size: {w: 3}}\n",
     {"m/inference.yml:3: DecodeImage.to_rgb: got \"maybe\", expected true or false",
      "m/inference.yml:3: DecodeImage.channel_first: got \"true\", but only false is supported",
      "m/inference.yml:4: ResizeImage.size: expected a side or [width, height]",
      "m/inference.yml:5: CropImage.size: got \"{...}\", expected a side or width,height, each from 1 to 16384; 0 for "
      "none"}},
    {"postprocess",
     "PostProcess:\n  Topk:\n    topk: 0\n    label_list: [a, [b]]\n",
     {"m/inference.yml:3: Topk.topk: got \"0\", expected an integer from 1 to 100000",
      "m/inference.yml:4: Topk.label_list: expected a name for class 1"}},
    {"two_operations",
     "PostProcess:\n  Topk: {topk: 1}\n  ThreshOutput: {threshold: 0.5}\n",
     {"m/inference.yml:2: PostProcess: has Topk, ThreshOutput, but only one of them is supported"}},
    {"shape",
     "PreProcess:\n  transform_ops: ResizeImage\nPostProcess: [Topk]\nExtra: 1\nGlobal: 1\nGlobal: 2\n",
     {"m/inference.yml:2: PreProcess.transform_ops: expected a list of operations",
      "m/inference.yml:3: PostProcess: expected a map of Topk, ThreshOutput, MultiLabelThreshOutput, PersonAttribute, "
      "VehicleAttribute, ScoreOutput, NormalizeFeatures, SavePreLabel or main_indicator",
      "m/inference.yml:4: can't express \"Extra\", only Global, Hpi, PreProcess or PostProcess",
      "m/inference.yml:6: Global: given twice"}},
    {"bare_operations",
     kOps + "  - ToCHWImage\n  - {CropImage: {size: 1}, ToCHWImage: null}\n",
     {"m/inference.yml:3: PreProcess.transform_ops: expected one operation with its parameters, such as CropImage: "
      "{size: 224}",
      "m/inference.yml:4: PreProcess.transform_ops: expected one operation with its parameters, such as CropImage: "
      "{size: 224}"}},
    {"labels_missing",
     "PostProcess: {Topk: {label_list: names.txt}}\n",
     {"m/inference.yml:1: label_path: m/names.txt: no such file"}},
    {"list_at_the_top", "- 1\n", {"m/inference.yml:1: expected a map of Global, Hpi, PreProcess or PostProcess"}},
    {"empty", "# nothing\n", {"m/inference.yml: holds nothing, expected a map of PreProcess and PostProcess"}},
    {"not_yaml", "a: [1,\nb: }", {"m/inference.yml:2: not valid YAML: illegal flow end"}},
    {"binary", std::string("a\0b", 3), {"m/inference.yml: is not a text file (byte 1 is NUL)"}},
    {"gbk",
     "PostProcess: {Topk: {topk: 1, label_list: [\xBA\xEC\xC9\xAB]}}",
     {"m/inference.yml: seems to be GBK text, expected UTF-8; convert it: iconv -f GBK -t UTF-8 FILE > NEW"}},
};

class WrongInferenceYml : public InferenceYml, public testing::WithParamInterface<WrongSpec> {};

TEST_P(WrongInferenceYml, IsRefusedWithEveryReason) { EXPECT_EQ(problems_with(GetParam().yml), GetParam().problems); }

INSTANTIATE_TEST_SUITE_P(Wrong, WrongInferenceYml, testing::ValuesIn(kWrongSpecs),
                         [](const testing::TestParamInfo<WrongSpec>& wrong) { return wrong.param.name; });

TEST_F(InferenceYml, DeepNestingIsRefusedNotACrash) {
  EXPECT_THAT(problems_with("a: " + std::string(100000, '[')), testing::SizeIs(1));
}

TEST_F(InferenceYml, AliasesThatMakeMuchOfASmallFileAreRefused) {
  const std::string name(1 << 20, 'x');
  std::string list = "[&a " + name;
  for (int i = 0; i < 20; ++i) list += ", *a";
  EXPECT_THAT(problems_with("PostProcess: {Topk: {topk: 1, label_list: " + list + "]}}\n"),
              ElementsAre("m/inference.yml:1: Topk.label_list: its names have more than 16 MiB"));
  EXPECT_THAT(problems_with(with_operations("  - NormalizeImage: {mean: " + list + "]}\n")), testing::SizeIs(1));
}

// The resize of CropImageAtRatio is part of it: putting it aside puts the crop aside.
TEST_F(InferenceYml, AShortSideOfTheUsersPutsCropImageAtRatioAside) {
  put("m/inference.yml", with_operations("  - CropImageAtRatio: {size: 224, pad: 32}\n  - ToCHWImage: null\n"));
  const Config config =
      Config::from_overrides({{"model_dir", "m"}, {"resize_short_size", "256"}, {"crop_size", "224"}});
  EXPECT_EQ(value_and_origin(config, "crop_ratio"), "0 <- -o");
  EXPECT_EQ(Config::from_overrides({{"model_dir", "m"}, {"resize_short_size", "256"}, {"crop_ratio", "0.5"}})
                .settings()
                .crop_ratio,
            0.5);
}

TEST_F(InferenceYml, ManyLabels) {
  std::string yml = "PostProcess:\n  Topk:\n    topk: 5\n    label_list:\n";
  for (int i = 0; i < 21841; ++i) yml += "    - class " + std::to_string(i) + "\n";
  const Config config = config_with(yml);
  EXPECT_EQ(config.model_labels().size(), 21841u);
  EXPECT_EQ(config.model_labels().back(), "class 21840");
}

}  // namespace
}  // namespace ppinfer
