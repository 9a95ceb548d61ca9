// Wrong configs: each gives exactly these messages, all at once, in this order.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config_folder.h"

namespace ppinfer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Wrong {
  std::string name;
  std::string text;
  std::vector<std::string> problems;
  std::vector<Override> overrides = {};
};

void PrintTo(const Wrong& wrong, std::ostream* out) { *out << wrong.name; }

const char* const kBool = "0 or 1 (or false, true, off, on, no, yes)";
const std::string kGood = "model_dir model\n";

const Wrong kWrong[] = {
    {"near_miss",
     kGood + "resize_short_sise 256\n",
     {"config.txt:2: resize_short_sise: unknown key (did you mean resize_short_size?)"}},
    {"far_miss", kGood + "\nsome_other_thing 1\n", {"config.txt:3: some_other_thing: unknown key"}},
    {"part_of_a_key",
     kGood + "model_path net.onnx\n",
     {"config.txt:2: model_path: unknown key (did you mean cls_model_path?)"}},
    {"swapped_letters", kGood + "batch_szie 2\n", {"config.txt:2: batch_szie: unknown key (did you mean batch_size?)"}},
    {"control_characters", kGood + "to\x1b[31mpk 2\n", {"config.txt:2: \"to\\x1b[31mpk\": unknown key"}},
    {"given_twice",
     kGood + "topk 1\n# between\ntopk 2\nlanes 1\nlanes 1\n",
     {"config.txt:4: topk: given twice, first at config.txt:2",
      "config.txt:6: lanes: given twice, first at config.txt:5"}},
    {"one_word",
     kGood + "topk\nlabel_path   # none\nwhat\n",
     {"config.txt:2: topk: has no value, expected an integer from 1 to 100000",
      "config.txt:3: label_path: has no value, expected a path", "config.txt:4: what: unknown key"}},
    {"other_separators",
     kGood + "topk=3\ncrop_size = 224\nlanes: 2\nwarmup:1\nlabel_path =labels.txt\nbatch_size =\nno_key = 1\n",
     {"config.txt:2: topk=3: key and value are separated by a blank only: \"topk 3\"",
      "config.txt:3: crop_size: key and value are separated by a blank only: \"crop_size 224\"",
      "config.txt:4: lanes:: key and value are separated by a blank only: \"lanes 2\"",
      "config.txt:5: warmup:1: key and value are separated by a blank only: \"warmup 1\"",
      "config.txt:6: label_path: key and value are separated by a blank only: \"label_path labels.txt\"",
      "config.txt:7: batch_size: key and value are separated by a blank only: \"batch_size VALUE\"",
      "config.txt:8: no_key: unknown key"}},
    {"quotes",
     kGood + "label_path \"labels.txt\ntopk '3' 4\n",
     {"config.txt:2: label_path: got \"\\\"labels.txt\" with no closing quote, expected a path",
      "config.txt:3: topk: got \" 4\" behind the closing quote, expected an integer from 1 to 100000"}},
    {"not_numbers",
     kGood + "topk five\nbatch_size 1.5\nmax_pixels 1e6\nscale 1/zero\n",
     {"config.txt:2: topk: got \"five\", expected an integer from 1 to 100000",
      "config.txt:3: batch_size: got \"1.5\", expected an integer from 1 to 1024",
      "config.txt:4: max_pixels: got \"1e6\", expected an integer from 1 to 1073741824",
      "config.txt:5: scale: got \"1/zero\", expected a number greater than 0, or a fraction such as 1.0/255.0"}},
    {"out_of_range",
     kGood + "topk 0\nbatch_size -1\nlanes 5000\ngpu_id 99999999999999999999\n",
     {"config.txt:2: topk: got \"0\", expected an integer from 1 to 100000",
      "config.txt:3: batch_size: got \"-1\", expected an integer from 1 to 1024",
      "config.txt:4: lanes: got \"5000\", expected an integer from 0 to 1024",
      "config.txt:5: gpu_id: got \"99999999999999999999\", expected an integer from 0 to 1023"}},
    {"not_booleans",
     kGood + "use_mkldnn maybe\nexif_rotate 2\n",
     {std::string("config.txt:2: use_mkldnn: got \"maybe\", expected ") + kBool,
      std::string("config.txt:3: exif_rotate: got \"2\", expected ") + kBool}},
    {"wrong_lists",
     kGood + "mean 0.5\nstd 0.2,0,0.2\n",
     {"config.txt:2: mean: got \"0.5\", expected 3 numbers, such as 0.5,0.5,0.5",
      "config.txt:3: std: got \"0.2,0,0.2\", expected 3 numbers greater than 0, such as 0.5,0.5,0.5"}},
    {"wrong_choices",
     kGood + "engine openvin\nprecision int4\ninterpolation cubic\nchannel_order gbr\n",
     {"config.txt:2: engine: got \"openvin\", expected auto, openvino or paddle",
      "config.txt:3: precision: got \"int4\", expected fp32, bf16 or int8",
      "config.txt:4: interpolation: got \"cubic\", expected nearest, bilinear, bicubic, area, lanczos, box or hamming",
      "config.txt:5: channel_order: got \"gbr\", expected rgb or bgr"}},
    {"gpu_here",
     kGood + "use_gpu 1\n",
     {"config.txt:2: use_gpu 1: this build of ppinfer runs on the CPU; set use_gpu 0"}},
    {"fp16_and_tensorrt_alone", kGood + "use_fp16 1\n", {"config.txt:2: use_fp16 1 needs use_tensorrt 1"}},
    {"tensorrt_without_gpu",
     kGood + "use_gpu 0\nuse_tensorrt 1\nuse_fp16 1\n",
     {"config.txt:3: use_tensorrt 1 needs use_gpu 1"}},
    {"crop_larger_than_the_short_side",
     kGood + "crop_size 224\nresize_short_size 128\n",
     {"config.txt:2: crop_size 224 is larger than resize_short_size 128: make it smaller, or resize_short_size "
      "larger"}},
    {"crop_larger_than_the_exact_size",
     kGood + "resize_width 100\nresize_height 300\ncrop_size 200\n",
     {"config.txt:4: crop_size 200 is larger than resize_width,resize_height 100,300: make it smaller, or the resized "
      "image larger"}},
    {"no_crop_after_the_short_side",
     kGood + "crop_size 0\n",
     {"config.txt:2: crop_size 0 with resize_short_size leaves images of different sizes: set crop_size, or "
      "resize_width and resize_height"}},
    {"two_ways_to_resize",
     kGood + "resize_short_size 256\nresize_width 224\nresize_height 224\n",
     {"config.txt:3: resize_width: resize_short_size is set too (config.txt:2); keep one of the two ways to resize"}},
    {"width_alone", kGood + "resize_width 224\n", {"config.txt:2: resize_width 224 needs resize_height"}},
    {"height_alone", kGood + "resize_height 224\n", {"config.txt:2: resize_height 224 needs resize_width"}},
    {"no_size",
     kGood + "resize_short_size 0\n",
     {"config.txt:2: resize_short_size 0 leaves no size: set resize_short_size, or resize_width and resize_height"}},
    {"no_model", "topk 5\n", {"no model: set model_dir to an exported model's folder, or cls_model_path"}},
    {"empty_file", "", {"no model: set model_dir to an exported model's folder, or cls_model_path"}},
    {"labels_missing",
     kGood + "label_path lables.txt\n",
     {"config.txt:2: label_path: lables.txt: no such file (did you mean labels.txt?)"}},
    {"a_bad_value_hides_what_would_follow_from_it",
     kGood + "resize_short_size abc\ncrop_size 400\n",
     {"config.txt:2: resize_short_size: got \"abc\", expected an integer from 0 to 16384"}},
    {"overrides",
     kGood,
     {"-o lanse=2: unknown key (did you mean lanes?)", "-o topk=x: got \"x\", expected an integer from 1 to 100000",
      "-o batch_size=: got \"\", expected an integer from 1 to 1024", "-o warmup=2: given twice, first at -o warmup=1",
      "-o use_gpu=1: use_gpu 1: this build of ppinfer runs on the CPU; set use_gpu 0",
      "-o label_path=\"no such\": no such: no such file"},
     {{"lanse", "2"},
      {"topk", "x"},
      {"batch_size", ""},
      {"warmup", "1"},
      {"warmup", "2"},
      {"use_gpu", "1"},
      {"label_path", "no such"}}},
    {"each_by_the_door_that_it_came_through",
     "",
     {"argument topk=x: got \"x\", expected an integer from 1 to 100000",
      "-o model_dir=model: given twice, first at -m modle", "-m modle: modle: no such folder (did you mean model?)",
      "argument label_path=lables.txt: lables.txt: no such file (did you mean labels.txt?)"},
     {{"topk", "x", "argument"},
      {"model_dir", "modle", "-m"},
      {"model_dir", "model"},
      {"label_path", "lables.txt", "argument"}}},
    {"a_fault_in_an_override_stands_there",
     kGood + "resize_short_size 256\ncrop_size 224\n",
     {"-o resize_short_size=200: crop_size 224 is larger than resize_short_size 200: make it smaller, or "
      "resize_short_size larger"},
     {{"resize_short_size", "200"}}},
    {"everything_at_once",
     "model_dir modle\ntopk x\nuse_mkldnn maybe\ncrop_siez 1\nmean 1,2\nuse_fp16 1\nuse_gpu 1\ncrop_size "
     "512\nresize_short_size 256\n",
     {"config.txt:2: topk: got \"x\", expected an integer from 1 to 100000",
      std::string("config.txt:3: use_mkldnn: got \"maybe\", expected ") + kBool,
      "config.txt:4: crop_siez: unknown key (did you mean crop_size?)",
      "config.txt:5: mean: got \"1,2\", expected 3 numbers, such as 0.5,0.5,0.5",
      "-o lanes=many: got \"many\", expected an integer from 0 to 1024",
      "config.txt:6: use_fp16 1 needs use_tensorrt 1",
      "config.txt:7: use_gpu 1: this build of ppinfer runs on the CPU; set use_gpu 0",
      "config.txt:8: crop_size 512 is larger than resize_short_size 256: make it smaller, or resize_short_size larger",
      "config.txt:1: model_dir: modle: no such folder (did you mean model?)"},
     {{"lanes", "many"}}},
};

class ConfigErrors : public ConfigFolder, public testing::WithParamInterface<Wrong> {};

TEST_P(ConfigErrors, AllProblemsAreSaid) {
  put_paddle_model("model");
  put("labels.txt", "cat\ndog\n");
  EXPECT_EQ(problems_of(GetParam().text, GetParam().overrides), GetParam().problems);
}

INSTANTIATE_TEST_SUITE_P(Wrong, ConfigErrors, testing::ValuesIn(kWrong),
                         [](const testing::TestParamInfo<Wrong>& wrong) { return wrong.param.name; });

class ConfigFileErrors : public ConfigFolder {
 protected:
  static std::vector<std::string> problems_of_file(const std::string& path) {
    try {
      Config::from_file(path);
    } catch (const ConfigError& error) {
      return error.problems();
    }
    return {};
  }
};

TEST_F(ConfigFileErrors, MissingUnreadableBinaryHuge) {
  put("config.txt", "topk 1\n");
  EXPECT_THAT(problems_of_file("confg.txt"), ElementsAre("confg.txt: no such file (did you mean config.txt?)"));
  EXPECT_THAT(problems_of_file("cofnigs/config.txt"),
              ElementsAre("cofnigs/config.txt: no such file: no such folder: cofnigs"));
  EXPECT_THAT(problems_of_file("."),
              ElementsAre(".: is a folder, expected a config file; set model_dir to an exported model's folder"));
  EXPECT_THAT(
      problems_of_file("net.onnx"),
      ElementsAre("net.onnx: is a model by its extension, expected a config file; give a model as -m net.onnx, or by "
                  "the key cls_model_path"));
  EXPECT_THAT(problems_of_file("/dev/zero"), ElementsAre("/dev/zero: is not a regular file"));
  put("binary.txt", std::string("topk 1\n\0\x01", 9));
  EXPECT_THAT(problems_of_file("binary.txt"), ElementsAre("binary.txt: is not a text file (byte 7 is NUL)"));
  put("huge.txt", std::string(1 << 21, '\n'));
  EXPECT_THAT(problems_of_file("huge.txt"),
              ElementsAre("huge.txt: is longer than 1048576 bytes, the limit for this kind of file"));
  std::filesystem::create_symlink("nowhere.txt", "link.txt");
  EXPECT_THAT(problems_of_file("link.txt"), ElementsAre("link.txt: is a broken link"));
}

TEST_F(ConfigFileErrors, MessagesNameThePathAsGivenOriginsTheFile) {
  put("sub/run.txt", "topk x\n");
  EXPECT_THAT(problems_of_file("sub/run.txt").front(), HasSubstr("sub/run.txt:1: topk"));
  put("sub/model/m.fake", "");
  put("sub/run.txt", "model_dir model\n");
  EXPECT_EQ(value_and_origin(Config::from_file("sub/run.txt"), "model_dir"), "sub/model <- run.txt:1");
}

TEST(ConfigErrorText, JoinsProblemsByNewlines) {
  EXPECT_STREQ(ConfigError({"one", "two"}).what(), "one\ntwo");
  EXPECT_THAT(ConfigError({"one", "two"}).problems(), ElementsAre("one", "two"));
}

TEST(ConfigErrorText, HoldsTheFirst20ProblemsAndTheConclusion) {
  std::vector<std::string> problems;
  for (int i = 0; i < 20; ++i) problems.push_back(std::to_string(i));
  EXPECT_EQ(ConfigError(problems).problems(), problems);
  std::vector<std::string> expected = problems;
  for (int i = 20; i < 1500; ++i) problems.push_back(std::to_string(i));
  expected.emplace_back("and 1480 more");
  EXPECT_EQ(ConfigError(problems).problems(), expected);
  EXPECT_THAT(ConfigError(problems).what(), testing::EndsWith("\n19\nand 1480 more"));
  expected.emplace_back("so start over");
  EXPECT_EQ(ConfigError(problems, "so start over").problems(), expected);
}

}  // namespace
}  // namespace ppinfer
