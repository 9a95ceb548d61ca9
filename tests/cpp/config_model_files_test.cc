#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/model_files.h"
#include "config_folder.h"

namespace ppinfer {
namespace {

using testing::ElementsAre;

class ModelFiles : public ConfigFolder {
 protected:
  static std::vector<std::string> problems_with(const std::vector<Override>& overrides) {
    try {
      Config::from_overrides(overrides);
    } catch (const ConfigError& error) {
      return error.problems();
    }
    return {};
  }

  static Config in_folder() { return Config::from_overrides({{"model_dir", "m"}}); }
};

TEST_F(ModelFiles, ExportersNamesAreFoundBestFirst) {
  put("m/other.onnx", "");
  put_paddle_model("m", "model.pdmodel");
  EXPECT_EQ(in_folder().settings().cls_model_path, "m/model.pdmodel");
  put_paddle_model("m", "inference.json");
  EXPECT_EQ(in_folder().settings().cls_model_path, "m/inference.json");
  EXPECT_EQ(in_folder().model_format(), ModelFormat::kPaddlePir);
  put_paddle_model("m", "inference.pdmodel");
  EXPECT_EQ(in_folder().settings().cls_model_path, "m/inference.pdmodel");
  EXPECT_EQ(in_folder().settings().cls_params_path, "m/inference.pdiparams");
  EXPECT_EQ(in_folder().model_format(), ModelFormat::kPaddleProgram);
}

struct Single {
  const char* model;
  ModelFormat format;
  const char* params;
};

TEST_F(ModelFiles, ASingleModelOfAnyNameIsFound) {
  const Single singles[] = {{"a/cls.pdmodel", ModelFormat::kPaddleProgram, "a/cls.pdiparams"},
                            {"b/cls.json", ModelFormat::kPaddlePir, "b/cls.pdiparams"},
                            {"c/cls.onnx", ModelFormat::kOnnx, ""},
                            {"d/cls.xml", ModelFormat::kOpenVinoIr, ""},
                            {"e/cls.fake", ModelFormat::kFake, ""}};
  for (const Single& single : singles) {
    put(single.model, "");
    if (*single.params != '\0') put(single.params, "");
    if (single.format == ModelFormat::kOpenVinoIr) put("d/cls.bin", "");
    const Config config = Config::from_overrides({{"model_dir", std::string(1, single.model[0]) + "/"}});
    EXPECT_EQ(config.settings().cls_model_path, single.model);
    EXPECT_EQ(config.settings().cls_params_path, single.params);
    EXPECT_EQ(config.model_format(), single.format);
  }
}

TEST_F(ModelFiles, OtherJsonAndXmlFilesAreNoModels) {
  put_paddle_model("m", "cls.json");
  put("m/config.json", "{}");
  put("m/notes.xml", "");
  put("m/folder.onnx/x", "");
  EXPECT_EQ(in_folder().settings().cls_model_path, "m/cls.json");
}

TEST_F(ModelFiles, OfOneStemTheClassicProgramWins) {
  put_paddle_model("m", "cls.pdmodel");
  put("m/cls.json", "");
  put("m/cls.onnx", "");
  EXPECT_EQ(in_folder().settings().cls_model_path, "m/cls.pdmodel");
}

TEST_F(ModelFiles, ExplicitPathsWin) {
  put_paddle_model("m");
  put("m/inference.yml", "PostProcess: {Topk: {topk: 2}}\n");
  put("elsewhere/x.pdmodel", "");
  put("elsewhere/y.pdiparams", "");
  const Config config = Config::from_overrides(
      {{"model_dir", "m"}, {"cls_model_path", "elsewhere/x.pdmodel"}, {"cls_params_path", "elsewhere/y.pdiparams"}});
  EXPECT_EQ(config.settings().cls_model_path, "elsewhere/x.pdmodel");
  EXPECT_EQ(config.settings().cls_params_path, "elsewhere/y.pdiparams");
  EXPECT_EQ(config.settings().topk, 2);  // model_dir still says how images are prepared
}

TEST_F(ModelFiles, AnExplicitPathInALaterLayerWinsOverAnEmptyOne) {
  put_paddle_model("m");
  EXPECT_EQ(config_of("model_dir \"\"\n", {{"model_dir", "m"}}).settings().cls_model_path, "m/inference.pdmodel");
}

TEST_F(ModelFiles, FoldersWithoutOrWithSeveralModels) {
  put("m/readme.txt", "");
  EXPECT_THAT(problems_with({{"model_dir", "m"}}),
              ElementsAre("-o model_dir=m: m: holds no model (*.pdmodel, *.json, *.onnx or *.xml)"));
  put_paddle_model("m", "a.pdmodel");
  put("m/b.onnx", "");
  EXPECT_THAT(problems_with({{"model_dir", "m"}}),
              ElementsAre("-o model_dir=m: m: holds several models (a.pdmodel, b.onnx); set cls_model_path "
                          "to one of them"));
}

TEST_F(ModelFiles, WrongPaths) {
  put_paddle_model("model");
  EXPECT_THAT(problems_with({{"model_dir", "modle/"}}),
              ElementsAre("-o model_dir=modle/: modle/: no such folder (did you mean model?)"));
  EXPECT_THAT(problems_with({{"model_dir", "model/inference.pdmodel"}}),
              ElementsAre("-o model_dir=model/inference.pdmodel: model/inference.pdmodel: is a file, expected "
                          "a folder; set cls_model_path to a model file"));
  put("run.txt", "");
  EXPECT_THAT(problems_with({{"model_dir", "run.txt"}}),
              ElementsAre("-o model_dir=run.txt: run.txt: is a file, expected a folder; if it is a config, give it as "
                          "that (-c run.txt)"));
  EXPECT_THAT(problems_with({{"cls_model_path", "model"}}),
              ElementsAre("-o cls_model_path=model: model: is a folder, expected a file; set model_dir to "
                          "a folder"));
  EXPECT_THAT(problems_with({{"cls_model_path", "model/inferense.pdmodel"}}),
              ElementsAre("-o cls_model_path=model/inferense.pdmodel: model/inferense.pdmodel: no such "
                          "file (did you mean inference.pdmodel?)"));
  EXPECT_THAT(problems_with({{"cls_model_path", "modell/x/inference.pdmodel"}}),
              ElementsAre("-o cls_model_path=modell/x/inference.pdmodel: modell/x/inference.pdmodel: no "
                          "such file: no such folder: modell (did you mean model?)"));
  EXPECT_THAT(problems_with({{"cls_model_path", "model/inference.pdiparams"}}),
              ElementsAre("-o cls_model_path=model/inference.pdiparams: model/inference.pdiparams: "
                          "unknown ending, expected *.pdmodel, *.json, *.onnx or *.xml"));
}

TEST_F(ModelFiles, Weights) {
  put("m/cls.pdmodel", "");
  put("m/csl.pdiparams", "");
  EXPECT_THAT(problems_with({{"model_dir", "m"}}),
              ElementsAre("-o model_dir=m: cls_model_path: m/cls.pdmodel: its weights are missing: m/cls.pdiparams: no "
                          "such file (did you mean csl.pdiparams?); put them there or set cls_params_path"));
  EXPECT_THAT(problems_with({{"model_dir", "m"}, {"cls_params_path", "m"}}),
              ElementsAre("-o cls_params_path=m: m: is a folder, expected a file"));
  EXPECT_EQ(problems_with({{"model_dir", "m"}, {"cls_params_path", "m/csl.pdiparams"}}), std::vector<std::string>{});
  put("m/net.onnx", "");
  EXPECT_THAT(problems_with({{"cls_model_path", "m/net.onnx"}, {"cls_params_path", "m/csl.pdiparams"}}),
              ElementsAre("-o cls_params_path=m/csl.pdiparams: m/csl.pdiparams: net.onnx holds its "
                          "weights or finds them itself; remove this key"));
}

TEST_F(ModelFiles, EndingsInCapitals) {
  put("m/MODEL.XML", "");
  put("m/MODEL.BIN", "");
  EXPECT_EQ(in_folder().model_format(), ModelFormat::kOpenVinoIr);
  put("p/INFERENCE.PDMODEL", "");
  put("p/INFERENCE.PDIPARAMS", "");
  EXPECT_EQ(Config::from_overrides({{"model_dir", "p"}}).settings().cls_params_path, "p/INFERENCE.PDIPARAMS");
}

TEST_F(ModelFiles, WhatAFailedDownloadLeavesIsNamed) {
  const std::string pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:aa\nsize 123\n";
  const std::pair<std::string, const char*> stand_ins[] = {
      {pointer, "is a Git LFS pointer, not the file itself: run `git lfs pull` in its repository"},
      {"\n<!DOCTYPE html>\n<html>", "is a web page, not the file itself: the download failed; download it again"},
      {"<?xml version='1.0'?><Error><Code>AccessDenied",
       "is a web page, not the file itself: the download failed; "
       "download it again"},
      {"PK\x03\x04rest", "is a ZIP archive: unpack it, and give the file inside"},
      {"\x1f\x8brest", "is a gzip archive: unpack it, and give the file inside"},
      {"PK\x03\x04" + std::string(26, '\0') + "net/data.pkl",
       "is a PyTorch file: export the model to ONNX or Paddle's format first"},
      {"\x80\x02}q", "is a PyTorch or Python pickle: export the model to ONNX or Paddle's format first"},
      {std::string("\x10\x01\0\0\0\0\0\0{\"__m", 13),
       "is safetensors weights: export the model to ONNX or Paddle's format first"},
      {"\x89HDF\r\n\x1a\n", "is a Keras model or other HDF5 file: export the model to ONNX or Paddle's format first"},
      {std::string("\x1c\0\0\0TFL3", 8),
       "is a TensorFlow Lite model: export the model to ONNX or Paddle's format first"}};
  for (const auto& [content, problem] : stand_ins) {
    for (const char* name : {"a.onnx", "b.pdmodel", "c.json", "d.xml"}) {
      put(std::string("m/") + name, content);
      put((std::filesystem::path("m") / name).replace_extension(".pdiparams").string(), "");
      EXPECT_THAT(problems_with({{"cls_model_path", std::string("m/") + name}}),
                  ElementsAre(std::string("-o cls_model_path=m/") + name + ": m/" + name + ": " + problem));
    }
    put_paddle_model("w");
    put("w/inference.pdiparams", content);
    EXPECT_THAT(problems_with({{"model_dir", "w"}}),
                ElementsAre(std::string("-o model_dir=w: cls_model_path: w/inference.pdiparams: ") + problem));
    put("w/inference.pdiparams", "");
    put("w/labels.txt", content);
    EXPECT_THAT(problems_with({{"model_dir", "w"}, {"label_path", "w/labels.txt"}}),
                ElementsAre(std::string("-o label_path=w/labels.txt: w/labels.txt: ") + problem));
    put("w/inference.yml", content);
    EXPECT_THAT(problems_with({{"model_dir", "w"}}), testing::Contains(testing::HasSubstr(problem)));
    std::filesystem::remove("w/inference.yml");
  }
  put("e.xml", "<?xml version=\"1.0\"?>\n<net name=\"n\"></net>");
  put("e.bin", pointer);
  EXPECT_THAT(problems_with({{"cls_model_path", "e.xml"}}),
              ElementsAre(testing::HasSubstr("e.bin: is a Git LFS pointer")));
}

}  // namespace
}  // namespace ppinfer
