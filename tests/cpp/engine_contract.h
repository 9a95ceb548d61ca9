// What holds for every engine, as parameterised tests that each engine's test program instantiates, and the models
// they need: tests/golden/make_engine_models.py FOLDER makes them, PPINFER_TEST_MODELS names the folder. Without it the
// tests are skipped, or fail when PPINFER_REQUIRE_MODELS=1.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "engine/registry.h"
#include "ppinfer/error.h"

namespace ppinfer {

inline std::string models_folder() {
  const char* folder = std::getenv("PPINFER_TEST_MODELS");
  return folder == nullptr ? "" : folder;
}

// "": the test can run. Otherwise why not.
inline std::string why_not(EngineKind kind) {
  if (models_folder().empty()) return "PPINFER_TEST_MODELS isn't set";
  if (!engine_installed(kind)) return "this build lacks the engine";
  return "";
}

inline bool models_required() { return std::getenv("PPINFER_REQUIRE_MODELS") != nullptr; }

#define PPINFER_NEEDS_MODELS(kind)                                    \
  do {                                                                \
    const std::string reason = why_not(kind);                         \
    if (!reason.empty() && models_required()) GTEST_FAIL() << reason; \
    if (!reason.empty()) GTEST_SKIP() << reason;                      \
  } while (false)

// Of a machine; no setting makes up for it.
#define PPINFER_NEEDS_INT8_CPU()                                                                  \
  do {                                                                                            \
    if (cpu_features().find("vnni") == std::string::npos) GTEST_SKIP() << "this CPU has no VNNI"; \
  } while (false)

inline std::vector<float> read_floats(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<float> values(std::filesystem::file_size(path) / sizeof(float));
  file.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(float)));
  return values;
}

inline ModelFormat format_of(const std::string& path) {
  const std::string ending = std::filesystem::path(path).extension();
  if (ending == ".pdmodel") return ModelFormat::kPaddleProgram;
  if (ending == ".json") return ModelFormat::kPaddlePir;
  return ending == ".onnx" ? ModelFormat::kOnnx : ModelFormat::kOpenVinoIr;
}

inline EngineOptions options_for(const std::string& file) {
  EngineOptions options;
  const std::filesystem::path path = std::filesystem::path(models_folder()) / file;
  options.model_path = path;
  options.format = format_of(file);
  const bool paddle = options.format == ModelFormat::kPaddleProgram || options.format == ModelFormat::kPaddlePir;
  if (paddle) options.params_path = std::filesystem::path(path).replace_extension(".pdiparams");
  const int side_px = file.rfind("mobilenet", 0) == 0 ? 224 : 32;
  options.input_px = {side_px, side_px};
  return options;
}

// The 8 images and the 8 x classes scores that belong to a network.
struct Golden {
  explicit Golden(const std::string& file, const EngineOptions& options) : images(8, options.input_px) {
    const std::filesystem::path folder = models_folder();
    const std::string network = file.substr(0, std::min(file.find("_pir"), file.find('.')));
    const std::vector<float> input = read_floats(folder / (network + ".input.bin"));
    std::copy(input.begin(), input.end(), images.values());
    scores = read_floats(folder / (network + ".expected.bin"));
    class_count = static_cast<int>(scores.size() / 8);
  }

  std::vector<float> scores_of(int first, int count) const {
    const auto begin = scores.begin() + first * class_count;
    return {begin, begin + count * class_count};
  }
  BatchTensor batch(int first, int count) const {
    BatchTensor part(count, images.size_px());
    std::copy_n(images.values() + static_cast<std::size_t>(first) * images.slot_values(),
                static_cast<std::size_t>(count) * images.slot_values(), part.values());
    return part;
  }

  BatchTensor images;
  std::vector<float> scores;
  int class_count = 0;
};

inline double largest_difference(Span<const float> a, Span<const float> b) {
  if (a.size() != b.size()) return INFINITY;
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, std::isfinite(a[i]) ? std::fabs(static_cast<double>(a[i] - b[i])) : INFINITY);
  }
  return largest;
}

constexpr double kAgainstPaddle = 1e-4;  // two libraries, or two builds of one
constexpr double kAgainstItself = 1e-5;  // one library, another batch size: another order of summation

// The message of the ModelError that loading gives; "" when it loads.
inline std::string load_problem(EngineKind kind, const EngineOptions& options) {
  try {
    load_engine(kind, options);
  } catch (const ModelError& error) {
    return error.what();
  }
  return "";
}

struct EngineCase {
  EngineKind kind;
  const char* file;
};

inline std::string case_name(const testing::TestParamInfo<EngineCase>& test) {
  std::string name = test.param.file;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

class EngineContract : public testing::TestWithParam<EngineCase> {
 protected:
  void SetUp() override { PPINFER_NEEDS_MODELS(GetParam().kind); }
  static std::unique_ptr<Engine> load(const EngineOptions& options) { return load_engine(GetParam().kind, options); }
};

TEST_P(EngineContract, GivesPaddlesAnswersAtEveryCount) {
  EngineOptions options = options_for(GetParam().file);
  const Golden golden(GetParam().file, options);
  for (const int batch_size : {1, 3, 8}) {
    options.batch_size = batch_size;
    const std::unique_ptr<Engine> engine = load(options);
    ASSERT_EQ(engine->class_count(), golden.class_count);
    const std::unique_ptr<EngineInstance> instance = engine->create_instance();
    for (const int count : {batch_size, 1, (batch_size + 1) / 2, batch_size}) {
      const int first = 8 - count;
      const BatchTensor batch = golden.batch(first, count);
      EXPECT_LT(largest_difference(instance->run(batch, count), golden.scores_of(first, count)), kAgainstPaddle)
          << count << " of " << batch_size;
    }
  }
}

TEST_P(EngineContract, AnswersDontDependOnTheirNeighbours) {
  EngineOptions options = options_for(GetParam().file);
  const Golden golden(GetParam().file, options);
  options.batch_size = 8;
  const std::unique_ptr<Engine> batched = load(options);
  options.batch_size = 1;
  const std::unique_ptr<Engine> single = load(options);
  const std::unique_ptr<EngineInstance> batched_instance = batched->create_instance();
  const std::unique_ptr<EngineInstance> single_instance = single->create_instance();
  for (const int count : {8, 3, 1, 7}) {
    const Span<const float> scores = batched_instance->run(golden.images, count);
    for (int image = 0; image < count; ++image) {
      const std::size_t classes = static_cast<std::size_t>(golden.class_count);
      const Span<const float> row(scores.data() + static_cast<std::size_t>(image) * classes, classes);
      EXPECT_LT(largest_difference(row, single_instance->run(golden.batch(image, 1), 1)), kAgainstItself)
          << "image " << image << " of " << count;
    }
  }
}

TEST_P(EngineContract, FourThreadsWithAnInstanceEachAgree) {
  constexpr int kThreads = 4;
  EngineOptions options = options_for(GetParam().file);
  const Golden golden(GetParam().file, options);
  options.instances = kThreads;
  options.batch_size = 2;
  const std::unique_ptr<Engine> engine = load(options);
  const int rounds = options.input_px.width > 100 ? 40 : 1000;
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      const std::unique_ptr<EngineInstance> instance = engine->create_instance();  // while others run already
      for (int round = 0; round < rounds; ++round) {
        const int count = 1 + (round + thread) % 2;
        const int first = (round * 3 + thread) % (8 - count);
        const BatchTensor batch = golden.batch(first, count);
        const Span<const float> scores = instance->run(batch, count);
        if (largest_difference(scores, golden.scores_of(first, count)) >= kAgainstPaddle) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

// Models whose tensors have names that output_tensor can say.
class ChosenTensor : public EngineContract {
 protected:
  static EngineOptions options(const std::string& tensor, int batch_size = 1) {
    EngineOptions options = options_for(GetParam().file);
    options.output_tensor = tensor;
    options.batch_size = batch_size;
    return options;
  }
  static std::vector<float> values(const EngineOptions& options, const Golden& golden, int first) {
    const std::unique_ptr<EngineInstance> instance = load(options)->create_instance();
    const Span<const float> row = instance->run(golden.batch(first, options.batch_size), options.batch_size);
    return {row.begin(), row.end()};
  }
};

TEST_P(ChosenTensor, TheLogitsAreWhatTheSoftmaxGets) {
  const Golden golden(GetParam().file, options(""));
  std::vector<float> scores = values(options("linear_0.tmp_1", 8), golden, 0);
  ASSERT_EQ(scores.size(), 80u);
  for (std::size_t image = 0; image < 8; ++image) {
    double sum = 0;
    for (std::size_t id = 0; id < 10; ++id) sum += std::exp(static_cast<double>(scores[image * 10 + id]));
    for (std::size_t id = 0; id < 10; ++id) {
      float& score = scores[image * 10 + id];
      score = static_cast<float>(std::exp(static_cast<double>(score)) / sum);
    }
  }
  EXPECT_LT(largest_difference(scores, golden.scores_of(0, 8)), kAgainstPaddle);
}

TEST_P(ChosenTensor, AFeatureMapIsARowAnImage) {
  const Golden golden(GetParam().file, options(""));
  EXPECT_EQ(load(options("relu_1.tmp_0", 8))->class_count(), 16 * 8 * 8);
  const std::vector<float> map = values(options("relu_1.tmp_0", 8), golden, 0);
  const std::vector<float> pooled = values(options("pool2d_0.tmp_0", 8), golden, 0);
  ASSERT_EQ(map.size(), 8u * 16 * 64);
  ASSERT_EQ(pooled.size(), 8u * 16);
  std::vector<float> means;
  for (std::size_t channel = 0; channel < pooled.size(); ++channel) {
    double sum = 0;
    for (std::size_t pixel = 0; pixel < 64; ++pixel) sum += static_cast<double>(map[channel * 64 + pixel]);
    means.push_back(static_cast<float>(sum / 64));
  }
  EXPECT_LT(largest_difference(means, pooled), kAgainstItself);
  EXPECT_LT(largest_difference(values(options("relu_1.tmp_0"), golden, 5),
                               std::vector<float>(map.begin() + 5 * 1024, map.begin() + 6 * 1024)),
            kAgainstItself);
  EXPECT_GT(*std::max_element(map.begin(), map.end()), 0.1F);
}

TEST_P(ChosenTensor, TheModelsOwnOutputHasANameToo) {
  const Golden golden(GetParam().file, options(""));
  EXPECT_LT(largest_difference(values(options("softmax_0.tmp_0"), golden, 2), golden.scores_of(2, 1)), kAgainstPaddle);
}

TEST_P(ChosenTensor, AWrongNameIsAnErrorThatNamesTheRightOnes) {
  const std::string problem = load_problem(GetParam().kind, options("flaten_0.tmp_0"));
  EXPECT_THAT(problem, testing::AllOf(testing::HasSubstr("output_tensor flaten_0.tmp_0"),
                                      testing::HasSubstr("did you mean flatten_0.tmp_0?"),
                                      testing::HasSubstr("output_tensor ? lists all")));
  const std::string all = load_problem(GetParam().kind, options("?"));
  for (const char* name : {"conv2d_0.tmp_0", "relu_0.tmp_0", "pool2d_0.tmp_0", "linear_0.tmp_1", "softmax_0.tmp_0"}) {
    EXPECT_THAT(all, testing::HasSubstr(name));
  }
  for (const char* other : {"x0", "conv2d_0.w_0", "linear_0.b_0", "fetch"}) {
    EXPECT_NE(load_problem(GetParam().kind, options(other)), "") << other;
  }
}

// Per engine and model format: what can't be a classifier, or isn't the one that the config describes.
struct UnfitCase {
  EngineKind kind;
  const char* suffix;  // of the models' files
};

inline std::string unfit_case_name(const testing::TestParamInfo<UnfitCase>& test) {
  return std::string(test.param.suffix).find("pir") == std::string::npos ? "pdmodel" : "pir";
}

class UnfitModel : public testing::TestWithParam<UnfitCase> {
 protected:
  void SetUp() override { PPINFER_NEEDS_MODELS(GetParam().kind); }
  static EngineOptions options(const std::string& network) { return options_for(network + GetParam().suffix); }
  static std::string problem(const EngineOptions& options) { return load_problem(GetParam().kind, options); }
};

TEST_P(UnfitModel, SeveralInputsOrOutputsAreNamed) {
  EXPECT_THAT(problem(options("two_inputs")),
              testing::AllOf(testing::HasSubstr("has one input"), testing::HasSubstr("x0"), testing::HasSubstr("x1")));
  EXPECT_THAT(problem(options("two_outputs")), testing::AllOf(testing::HasSubstr("has one output, this model has 2"),
                                                              testing::HasSubstr("[?, 16, 8, 8]")));
}

TEST_P(UnfitModel, OneOfSeveralOutputsCanBeChosen) {
  EXPECT_THAT(problem(options("two_outputs")), testing::HasSubstr("Choose one with output_tensor"));
}

TEST_P(UnfitModel, AnOutputThatIsNoRowOfScoresIsRefused) {
  EXPECT_THAT(problem(options("convolution_only")), testing::HasSubstr("but a classifier's is [1, classes]"));
}

TEST_P(UnfitModel, TrailingSidesOfOneAreFine) {
  const std::string file = std::string("uncollapsed") + GetParam().suffix;
  const Golden golden(file, options_for(file));
  const std::unique_ptr<Engine> engine = load_engine(GetParam().kind, options_for(file));
  EXPECT_EQ(engine->class_count(), 10);
  const std::unique_ptr<EngineInstance> instance = engine->create_instance();
  EXPECT_LT(largest_difference(instance->run(golden.images, 1), golden.scores_of(0, 1)), kAgainstPaddle);
}

TEST_P(UnfitModel, AFixedSizeMustBePreprocessings) {
  EngineOptions wrong = options("tiny");
  wrong.input_px = {48, 32};
  EXPECT_THAT(problem(wrong), testing::AllOf(testing::HasSubstr("[?, 3, 32, 32]"), testing::HasSubstr("48x32"),
                                             testing::HasSubstr("crop_size")));
  EngineOptions open = options("tiny_any_size");
  open.input_px = {48, 32};
  EXPECT_EQ(problem(open), "");
}

// The files that a Paddle model is in, spoilt in ways that happen.
TEST_P(UnfitModel, DamagedFilesAreModelErrors) {
  namespace fs = std::filesystem;
  const fs::path folder = fs::path(testing::TempDir()) / ("damaged" + std::string(GetParam().suffix));
  fs::remove_all(folder);
  fs::create_directories(folder);
  const EngineOptions good = options("tiny");
  const auto spoilt = [&](const std::string& source, const std::string& name, const auto& change) {
    std::ifstream in(source, std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(in), {}};
    change(bytes);
    const fs::path path = folder / (name + fs::path(source).extension().string());
    std::ofstream(path, std::ios::binary) << bytes;
    return path.string();
  };
  const auto expect_problem = [&](EngineOptions bad, const std::string& what) {
    testing::internal::CaptureStderr();
    testing::internal::CaptureStdout();
    const std::string message = problem(bad);
    EXPECT_NE(message, "") << what;
    EXPECT_EQ(std::count(message.begin(), message.end(), '\n'), 0) << message;
    EXPECT_THAT(message, testing::AnyOf(testing::HasSubstr(bad.model_path), testing::HasSubstr(bad.params_path)));
    EXPECT_EQ(testing::internal::GetCapturedStdout() + testing::internal::GetCapturedStderr(), "") << what;
  };
  for (const bool params : {false, true}) {
    const std::string source = params ? good.params_path : good.model_path;
    const std::string part = params ? "params " : "model ";
    const auto with = [&](const std::string& path) {
      EngineOptions bad = good;
      (params ? bad.params_path : bad.model_path) = path;
      return bad;
    };
    const std::size_t length = fs::file_size(source);
    for (const std::size_t left : {std::size_t{0}, std::size_t{1}, std::size_t{10}, std::size_t{50}, length / 4,
                                   length / 2, length - 100, length - 1}) {
      const auto cut = [left](std::string& bytes) { bytes.resize(left); };
      expect_problem(with(spoilt(source, part + std::to_string(left), cut)), part + "cut to " + std::to_string(left));
    }
    const auto text = [](std::string& bytes) { bytes = "hello, this is text\n"; };
    expect_problem(with(spoilt(source, part + "text", text)), part + "text");
    const auto zeros = [](std::string& bytes) { std::fill(bytes.begin(), bytes.end(), '\0'); };
    expect_problem(with(spoilt(source, part + "zeros", zeros)), part + "zeros");
    const auto noise = [](std::string& bytes) {
      unsigned state = 1;
      for (char& byte : bytes) byte = static_cast<char>((state = state * 1103515245 + 12345) >> 16);
    };
    expect_problem(with(spoilt(source, part + "noise", noise)), part + "noise");
    const auto longer = [](std::string& bytes) { bytes += "more"; };
    expect_problem(with(spoilt(source, part + "longer", longer)), part + "longer");
    const auto endless = [](std::string& bytes) {  // empty blocks of a program
      bytes.clear();
      for (int block = 0; block < 1'100'000; ++block) bytes.append("\x0a\0", 2);
    };
    expect_problem(with(spoilt(source, part + "endless", endless)), part + "endless");
    expect_problem(with(folder / "missing"), part + "missing");
    expect_problem(with(folder), part + "a folder");
  }
  EngineOptions swapped = good;
  std::swap(swapped.model_path, swapped.params_path);
  expect_problem(swapped, "swapped");
  EngineOptions strangers = good;
  strangers.params_path = options("mobilenet").params_path;
  expect_problem(strangers, "another model's parameters");
  strangers.params_path = options("uncollapsed").params_path;
  expect_problem(strangers, "a smaller model's parameters");
}

}  // namespace ppinfer
