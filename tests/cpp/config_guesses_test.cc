#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>

#include "config/guesses.h"
#include "config_folder.h"

namespace ppinfer {
namespace {

using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// Protobuf's wire format: a varint, and a length-delimited field.
std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  return bytes + static_cast<char>(value);
}
std::string field(int number, const std::string& content) {
  return varint(static_cast<std::uint64_t>(number) << 3 | 2) + varint(content.size()) + content;
}
std::string number_field(int number, std::int64_t value) {
  return varint(static_cast<std::uint64_t>(number) << 3) + varint(static_cast<std::uint64_t>(value));
}

std::string onnx_input(const std::string& name, const std::vector<std::int64_t>& dims) {
  std::string shape;
  for (const std::int64_t side : dims) shape += field(1, side < 0 ? field(2, "open") : number_field(1, side));
  return field(11, field(1, name) + field(2, field(1, number_field(1, 1) + field(2, shape))));
}

// A weight that stands among the inputs too, as old exporters write them; its values lie in `file` or here.
std::string onnx_weight(const std::string& file = "") {
  const std::string place =
      file.empty() ? field(9, std::string(100'000, 'w')) : field(13, field(1, "location") + field(2, file));
  return onnx_input("w", {3, 3, 1, 1}) + field(5, field(8, "w") + place);
}

std::string onnx(const std::vector<std::int64_t>& dims, const std::string& more = "") {
  return number_field(1, 9) + field(7, onnx_weight() + onnx_input("x", dims)) + more;
}

std::string program(const std::vector<std::int64_t>& dims) {
  std::string sides;
  for (const std::int64_t side : dims) sides += number_field(2, side);
  const std::string variable = field(3, field(1, "x") + field(2, number_field(1, 7) + field(3, field(1, sides))));
  const std::string feed = field(4, field(2, field(1, "Out") + field(2, "x")) + field(3, "feed"));
  return field(1, number_field(1, 0) + variable + feed);
}

std::string ir(const std::string& shape) {
  return "<net><layers><layer id=\"0\" name=\"x\" type=\"Parameter\" version=\"opset1\"><data shape=\"" + shape +
         "\" element_type=\"f32\"/></layer></layers><rt_info><model_info></model_info></rt_info></net>";
}

std::string pir(const std::string& shape) {
  return R"({"program":{"ops":[{"#":"p","O":{"TT":{"D":[{"#":"0.t_f32"},[9,9]]}}},{"#":"1.data","A":[{"AT":{"#":)"
         R"("0.a_str","D":"x"},"N":"name"},{"AT":{"#":"1.a_intarray","D":[)" +
         shape + R"(]},"N":"shape"}]}]}})";
}

class Guesses : public ConfigFolder {
 protected:
  void SetUp() override {
    ConfigFolder::SetUp();
    put_paddle_model("model");
  }

  static Config config_with(const std::string& model, std::vector<Override> overrides = {}) {
    overrides.push_back({"cls_model_path", model});
    return Config::from_overrides(overrides);
  }

  static std::vector<std::string> notices_of(const std::vector<Override>& overrides) {
    return Config::from_overrides(overrides).notices();
  }

  static std::vector<std::string> guessed_keys(const Config& config) {
    std::vector<std::string> keys;
    for (const EffectiveValue& value : config.effective()) {
      if (value.guessed) keys.push_back(value.key);
    }
    return keys;
  }
};

TEST_F(Guesses, TheModelsOwnSidesAreCroppedToInEveryFormat) {
  put("a.onnx", onnx({-1, 3, 32, 32}));
  put("b.onnx", onnx({1, 3, 384, 384}));
  put("C.ONNX", onnx({-1, -1, 32, 32}));
  put("d.xml", ir("?,3,32,32"));
  put("d.bin", "");
  put("e.pdmodel", program({-1, 3, 32, 32}));
  put("e.pdiparams", "");
  put("f.json", pir("-1,3,32,32"));
  put("f.pdiparams", "");
  for (const char* model : {"a.onnx", "b.onnx", "C.ONNX", "d.xml", "e.pdmodel", "f.json"}) {
    const bool is_large = *model == 'b';
    const Config config = config_with(model);
    EXPECT_EQ(value_and_origin(config, "crop_size"), (is_large ? "384 <- " : "32 <- ") + std::string(model));
    EXPECT_EQ(value_and_origin(config, "resize_short_size"), is_large ? "438 <- crop_size" : "36 <- crop_size");
    EXPECT_EQ(config.input_size().width, is_large ? 384 : 32);
    EXPECT_THAT(guessed_keys(config), ElementsAre("resize_short_size", "interpolation", "resize_backend", "scale",
                                                  "mean", "std", "channel_order"))
        << model;
  }
}

TEST_F(Guesses, OpenSidesAndOtherInputsGiveNone) {
  const std::vector<std::vector<std::int64_t>> shapes{{-1, 3, -1, -1}, {-1, 32, 32, 3}, {-1, 3, 48, -1}, {-1, 512}};
  for (const auto& dims : shapes) {
    put("a.onnx", onnx(dims));
    EXPECT_EQ(value_and_origin(config_with("a.onnx"), "crop_size"), "224 <- default");
  }
  const std::string two_inputs = onnx_input("x", {1, 3, 32, 32}) + onnx_input("y", {1, 3, 32, 32});
  for (const std::string& bytes : {number_field(1, 9) + field(7, two_inputs), std::string("\x3a\xff\xff\xff\xff\x0f"),
                                   onnx({1, 3, 32, 32}).substr(0, 50), std::string()}) {
    put("a.onnx", bytes);
    EXPECT_EQ(value_and_origin(config_with("a.onnx"), "crop_size"), "224 <- default");
  }
}

TEST_F(Guesses, StatedSizesWin) {
  put("a.onnx", onnx({-1, 3, 384, 384}));
  EXPECT_EQ(value_and_origin(config_with("a.onnx", {{"resize_short_size", "400"}}), "crop_size"), "384 <- a.onnx");
  EXPECT_EQ(value_and_origin(config_with("a.onnx", {{"crop_size", "64"}}), "resize_short_size"), "73 <- crop_size");
  const Config exact = config_with("a.onnx", {{"resize_width", "384"}, {"resize_height", "384"}});
  EXPECT_EQ(value_and_origin(exact, "crop_size"), "0 <- -o");
  EXPECT_THAT(
      [] {
        config_with("a.onnx", {{"resize_short_size", "256"}});
      },
      testing::ThrowsMessage<ConfigError>(
          "-o resize_short_size=256: crop_size 384 (the model's own sides) is larger than resize_short_size "
          "256: leave resize_short_size out, or make it larger"));
}

TEST_F(Guesses, SidesThatDifferAreStretchedTo) {
  put("lines.onnx", onnx({-1, 3, 48, 192}));
  const Config config = config_with("lines.onnx");
  EXPECT_EQ(config.input_size(), (Size{192, 48}));
  EXPECT_EQ(value_and_origin(config, "crop_size"), "0 <- lines.onnx");
  EXPECT_THAT(config.notices(), ElementsAre(AllOf(HasSubstr("resize_width 192, resize_height 48"),
                                                  HasSubstr("stretched to the model's sides"))));
  EXPECT_EQ(value_and_origin(config_with("lines.onnx", {{"resize_short_size", "219"}}), "crop_size"),
            "192,48 <- lines.onnx");
}

TEST_F(Guesses, EachKeyIsNamedUntilItIsStated) {
  EXPECT_THAT(
      notices_of({{"model_dir", "model"}}),
      ElementsAre(AllOf(HasSubstr("no inference.yml next to model/inference.pdmodel"),
                        HasSubstr("resize_short_size 256, interpolation bilinear, resize_backend cv2, crop_size 224, "
                                  "scale 1.0/255.0, mean 0.485,0.456,0.406, std 0.229,0.224,0.225, channel_order rgb"),
                        Not(HasSubstr("config.txt")))));
  std::vector<Override> keys{{"model_dir", "model"}, {"decode", "fast"}};
  for (const auto& [key, value] : {std::pair("crop_size", "224"),
                                   {"mean", "0,0,0"},
                                   {"std", "1,1,1"},
                                   {"scale", "1"},
                                   {"channel_order", "bgr"},
                                   {"interpolation", "area"},
                                   {"resize_backend", "cv2"},
                                   {"resize_short_size", "224"}}) {
    EXPECT_THAT(notices_of(keys), ElementsAre(HasSubstr(std::string(key) + " "))) << key;
    keys.push_back({key, value});
    const std::vector<std::string> left = notices_of(keys);
    EXPECT_THAT(left, Each(Not(HasSubstr(std::string(" ") + key + " ")))) << key;
  }
  EXPECT_THAT(notices_of(keys), IsEmpty());
}

TEST_F(Guesses, AModelsOwnSpecStatesAll) {
  put("model/inference.yml",
      "PreProcess:\n  transform_ops:\n  - ResizeImage: {size: 224}\n"
      "  - NormalizeImage: {order: ''}\n  - ToCHWImage: null\n");
  EXPECT_THAT(notices_of({{"model_dir", "model"}}), IsEmpty());
  put("model/inference.yml", "PostProcess:\n  Topk: {topk: 3}\n");
  EXPECT_THAT(notices_of({{"model_dir", "model"}}), ElementsAre(HasSubstr("model/inference.yml doesn't say")));
}

TEST_F(Guesses, ADeploymentFileMeansWhatThatProgramDid) {
  const std::string keys =
      "use_gpu 0\ngpu_id 0\ngpu_mem 4000\ncpu_math_library_num_threads 1\nuse_mkldnn 1\nuse_tensorrt 0\nuse_fp16 0\n"
      "cls_model_path model/inference.pdmodel\ncls_params_path model/inference.pdiparams\nresize_short_size 256\n";
  const Config config = config_of(keys + "crop_size 224\n");
  EXPECT_THAT(guessed_keys(config), IsEmpty());
  EXPECT_EQ(value_and_origin(config, "mean"), "0.485,0.456,0.406 <- config.txt (PaddleClas' deployment)");
  EXPECT_THAT(guessed_keys(config_of(keys)), testing::Contains("mean")) << "that program would have stopped";
}

TEST_F(Guesses, WhatLiesBesideAndIsNotReadIsNamed) {
  put("model/config.txt", "model_dir .\n");
  EXPECT_THAT(notices_of({{"model_dir", "model"}}), ElementsAre(HasSubstr("-c model/config.txt")));
  EXPECT_THAT(Config::from_file("model/config.txt").notices(), ElementsAre(Not(HasSubstr("-c model/config.txt"))));
  put("hf/config.json", "{}");
  put("hf/onnx/model.onnx", onnx({-1, 3, 32, 32}, field(14, field(1, "imgsz") + field(2, "[32, 32]"))));
  put("hf/onnx/preprocessor_config.json", "{}");
  EXPECT_THAT(
      config_with("hf/onnx/model.onnx").notices(),
      ElementsAre(HasSubstr("These may state the values, but ppinfer does not read them: "
                            "hf/onnx/preprocessor_config.json, hf/config.json, the metadata in model.onnx (imgsz)")));
  put("d.xml", ir("?,3,32,32"));
  put("d.bin", "");
  EXPECT_THAT(config_with("d.xml").notices(), ElementsAre(HasSubstr("the metadata in d.xml (model_info)")));
}

TEST_F(Guesses, WeightsThatAnOnnxFileNamesMustBeThere) {
  put("m/a.onnx", number_field(1, 9) + field(7, onnx_weight("a.onnx.data") + onnx_input("x", {1, 3, 32, 32})));
  const auto problem = [] { config_with("m/a.onnx"); };
  EXPECT_THAT(problem, testing::ThrowsMessage<ConfigError>(HasSubstr("m/a.onnx.data does not exist")));
  put("m/a.onnx.data", "version https://git-lfs.github.com/spec/v1\noid sha256:aa\nsize 123\n");
  EXPECT_THAT(problem, testing::ThrowsMessage<ConfigError>(HasSubstr("m/a.onnx.data: is a Git LFS pointer")));
  put("m/a.onnx.data", "weights");
  EXPECT_EQ(config_with("m/a.onnx").input_size().width, 32);
}

}  // namespace
}  // namespace ppinfer
