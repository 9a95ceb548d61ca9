#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <future>
#include <string>

#include "engine_contract.h"
#include "ppinfer/predictor.h"
#include "quantized_contract.h"
#include "temporary_folder.h"

namespace ppinfer {
namespace {

using testing::HasSubstr;

constexpr EngineKind kKind = EngineKind::kOpenVino;

INSTANTIATE_TEST_SUITE_P(OpenVino, EngineContract,
                         testing::Values(EngineCase{kKind, "tiny.pdmodel"}, EngineCase{kKind, "tiny.onnx"},
                                         EngineCase{kKind, "tiny.xml"}, EngineCase{kKind, "mobilenet.pdmodel"},
                                         EngineCase{kKind, "tiny_pir.json"}, EngineCase{kKind, "mobilenet_pir.json"}),
                         case_name);
INSTANTIATE_TEST_SUITE_P(OpenVino, ChosenTensor, testing::Values(EngineCase{kKind, "tiny.pdmodel"}), case_name);
INSTANTIATE_TEST_SUITE_P(OpenVino, UnfitModel,
                         testing::Values(UnfitCase{kKind, ".pdmodel"}, UnfitCase{kKind, "_pir.json"}), unfit_case_name);

INSTANTIATE_TEST_SUITE_P(OpenVino, QuantizedModel,
                         testing::Values(QuantizedCase{kKind, "tiny_int8.xml", "tiny.xml", 0.01}), quantized_case_name);

class OpenVinoEngine : public testing::Test {
 protected:
  void SetUp() override { PPINFER_NEEDS_MODELS(kKind); }
};

TEST_F(OpenVinoEngine, ASoftmaxAtTheEndIsSeenInEveryFormat) {
  for (const char* file : {"tiny.pdmodel", "tiny.onnx", "tiny.xml", "mobilenet.pdmodel", "tiny_pir.json"}) {
    EXPECT_EQ(load_engine(kKind, options_for(file))->score_kind(), ScoreKind::kSoftmax) << file;
  }
  EXPECT_NE(load_engine(kKind, options_for("uncollapsed.pdmodel"))->score_kind(), ScoreKind::kSoftmax);
}

TEST_F(OpenVinoEngine, TensorsAreChosenInEveryFormat) {
  std::vector<std::vector<float>> answers;
  for (const auto& [file, tensor] :
       {std::pair("tiny.pdmodel", "flatten_0.tmp_0"), {"tiny.onnx", "f"}, {"tiny.xml", "f"}}) {
    EngineOptions options = options_for(file);
    const Golden golden(file, options);
    options.output_tensor = tensor;
    const std::unique_ptr<Engine> engine = load_engine(kKind, options);
    EXPECT_EQ(engine->class_count(), 16) << file;
    const std::unique_ptr<EngineInstance> instance = engine->create_instance();
    const Span<const float> row = instance->run(golden.images, 1);
    answers.emplace_back(row.begin(), row.end());
    EXPECT_LT(largest_difference(answers.front(), answers.back()), kAgainstPaddle) << file;
  }
}

TEST_F(OpenVinoEngine, EitherOfTwoOutputsCanBeChosen) {
  EngineOptions options = options_for("two_outputs.pdmodel");
  for (const auto& [tensor, values] : {std::pair("softmax_0.tmp_0", 10), {"relu_1.tmp_0", 16 * 8 * 8}}) {
    options.output_tensor = tensor;
    EXPECT_EQ(load_engine(kKind, options)->class_count(), values);
  }
}

TEST_F(OpenVinoEngine, ATensorWithoutARowAnImageIsRefused) {
  EngineOptions options = options_for("tiny.pdmodel");
  options.batch_size = 2;
  options.output_tensor = "reshape2_0.tmp_0";  // a bias, as [1, 8, 1, 1]
  EXPECT_THAT(load_problem(kKind, options), HasSubstr("one row for each image"));
}

TEST_F(OpenVinoEngine, PaddlesLibraryIsNeverMapped) {
  for (const char* file : {"tiny.pdmodel", "tiny.onnx", "tiny.xml", "tiny_pir.json"}) {
    load_engine(kKind, options_for(file))->create_instance();
  }
  std::ifstream maps("/proc/self/maps");
  const std::string text{std::istreambuf_iterator<char>(maps), {}};
  EXPECT_THAT(text, HasSubstr("libopenvino"));
  for (const char* library : {"libpaddle.so", "libphi", "libpython", "libopenvino_tensorflow_frontend"}) {
    EXPECT_THAT(text, testing::Not(HasSubstr(library)));
  }
}

TEST_F(OpenVinoEngine, AFixedBatchIsReshaped) {
  EngineOptions options = options_for("tiny_batch_2.pdmodel");
  for (const int batch_size : {1, 3}) {
    options.batch_size = batch_size;
    EXPECT_EQ(load_engine(kKind, options)->class_count(), 10);
  }
}

TEST_F(OpenVinoEngine, DamagedOnnxAndIrAreModelErrors) {
  const std::string folder = testing::TempDir();
  for (const char* source : {"tiny.onnx", "tiny.xml"}) {
    EngineOptions options = options_for(source);
    std::ifstream in(options.model_path, std::ios::binary);
    const std::string good{std::istreambuf_iterator<char>(in), {}};
    const std::string ending = std::string(source).substr(4);
    for (const std::string& bad : {std::string(), good.substr(0, 10), good.substr(0, good.size() / 2),
                                   good.substr(0, good.size() - 20), std::string("hello, text\n")}) {
      options.model_path = folder + "/damaged" + ending;
      std::ofstream(options.model_path, std::ios::binary) << bad;
      testing::internal::CaptureStderr();
      const std::string problem = load_problem(kKind, options);
      EXPECT_THAT(problem, HasSubstr(options.model_path)) << bad.size();
      EXPECT_EQ(std::count(problem.begin(), problem.end(), '\n'), 0) << problem;
      EXPECT_EQ(testing::internal::GetCapturedStderr(), "") << source << " cut to " << bad.size();
    }
    options.model_path = folder + "/missing" + ending;
    EXPECT_THAT(load_problem(kKind, options), HasSubstr(options.model_path));
  }
}

TEST_F(OpenVinoEngine, Bf16IsThereOrRefused) {
  EngineOptions options = options_for("tiny.pdmodel");
  options.precision = Precision::kBf16;
  const std::string problem = load_problem(kKind, options);
  if (cpu_features().find("bf16") != std::string::npos) {
    EXPECT_EQ(problem, "");
  } else {
    EXPECT_THAT(problem, HasSubstr("set precision fp32"));
  }
}

std::vector<std::filesystem::path> entries_in(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".blob") files.push_back(entry.path());
  }
  return files;
}

TEST_F(OpenVinoEngine, ACacheKeepsAnEntryAModelAndOptions) {
  const TemporaryFolder folder;
  EngineOptions options = options_for("tiny.pdmodel");
  const Golden golden("tiny.pdmodel", options);
  options.cache_dir = folder.path() + "/new/cache";
  const auto difference = [&] {
    const std::unique_ptr<EngineInstance> instance = load_engine(kKind, options)->create_instance();
    return largest_difference(instance->run(golden.images, 1), golden.scores_of(0, 1));
  };
  for (int load = 0; load < 2; ++load) EXPECT_LT(difference(), kAgainstPaddle);
  ASSERT_EQ(entries_in(folder.path()).size(), 1u);
  const std::filesystem::path entry = entries_in(folder.path()).front();
  const auto entry_bytes = std::filesystem::file_size(entry);
  for (const std::uintmax_t left : {entry_bytes / 2, std::uintmax_t{0}}) {  // cut off, as by a full disk
    std::filesystem::resize_file(entry, left);
    EXPECT_LT(difference(), kAgainstPaddle);
  }
  options.model_path = options_for("tiny.onnx").model_path;
  options.format = ModelFormat::kOnnx;
  load_engine(kKind, options);
  EXPECT_EQ(entries_in(folder.path()).size(), 2u);
}

TEST_F(OpenVinoEngine, ACacheTellsWeightsApart) {
  const TemporaryFolder folder;
  EngineOptions options = options_for("tiny.xml");
  options.cache_dir = folder.path() + "/cache";
  const Golden golden("tiny.pdmodel", options);
  const auto first_score = [&] { return load_engine(kKind, options)->create_instance()->run(golden.images, 1)[0]; };
  const float before = first_score();
  std::filesystem::copy(options.model_path, folder.path() + "/other.xml");
  std::ifstream in(std::filesystem::path(options.model_path).replace_extension(".bin"), std::ios::binary);
  std::string weights{std::istreambuf_iterator<char>(in), {}};
  for (std::size_t value = 0; value < 64; value += 4) weights[value + 2] ^= 0x20;  // of the first convolution
  folder.write("other.bin", weights);
  options.model_path = folder.path() + "/other.xml";
  EXPECT_NE(first_score(), before);
  EXPECT_EQ(entries_in(folder.path()).size(), 2u);
}

std::string content_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST_F(OpenVinoEngine, AnEntryThatIsNotWhatWasWrittenIsMadeAnew) {
  const TemporaryFolder folder;
  EngineOptions options = options_for("tiny.pdmodel");
  const Golden golden("tiny.pdmodel", options);
  options.cache_dir = folder.path();
  EXPECT_TRUE(load_engine(kKind, options)->notices().empty());
  const std::filesystem::path entry = entries_in(folder.path()).front();
  const std::string good = content_of(entry);
  const std::size_t third = good.size() / 3;
  std::string zeros = good;
  std::fill_n(zeros.begin() + static_cast<std::ptrdiff_t>(third), third, '\0');  // its length was on the disk first
  std::string one_bit = good;
  one_bit[third] ^= 1;
  for (const std::string& bad : {zeros, one_bit, good.substr(0, 2 * third), good + "more", std::string(),
                                 std::string("x"), std::string(good.size(), '\0')}) {
    folder.write(entry.filename().string(), bad);
    const std::unique_ptr<Engine> engine = load_engine(kKind, options);
    const std::unique_ptr<EngineInstance> instance = engine->create_instance();
    EXPECT_LT(largest_difference(instance->run(golden.images, 1), golden.scores_of(0, 1)), kAgainstPaddle);
    EXPECT_THAT(engine->notices(), testing::ElementsAre(HasSubstr(entry.string() + " isn't used: it is damaged")));
    EXPECT_TRUE(load_engine(kKind, options)->notices().empty());
  }
  EXPECT_EQ(entries_in(folder.path()).size(), 1u);
}

TEST_F(OpenVinoEngine, AnEntryUnderAnothersNameIsNotBelieved) {
  const TemporaryFolder folder;
  EngineOptions options = options_for("tiny.pdmodel");
  options.cache_dir = folder.path();
  load_engine(kKind, options);
  const std::filesystem::path first = entries_in(folder.path()).front();
  const std::string content = content_of(first);
  std::filesystem::remove(first);
  options.batch_size = 2;
  load_engine(kKind, options);
  folder.write(entries_in(folder.path()).front().filename().string(), content);
  EXPECT_THAT(load_engine(kKind, options)->notices(), testing::ElementsAre(HasSubstr("it is damaged")));
}

TEST_F(OpenVinoEngine, SeveralMayMakeTheSameEntryAtOnce) {
  const TemporaryFolder folder;
  EngineOptions options = options_for("tiny.pdmodel");
  const Golden golden("tiny.pdmodel", options);
  options.cache_dir = folder.path();
  std::vector<std::future<std::vector<std::string>>> loads;
  for (int load = 0; load < 8; ++load) {
    loads.push_back(std::async(std::launch::async, [&] {
      const std::unique_ptr<Engine> engine = load_engine(kKind, options);
      const std::unique_ptr<EngineInstance> instance = engine->create_instance();
      EXPECT_LT(largest_difference(instance->run(golden.images, 1), golden.scores_of(0, 1)), kAgainstPaddle);
      return engine->notices();
    }));
  }
  for (auto& load : loads) EXPECT_THAT(load.get(), testing::IsEmpty());
  EXPECT_EQ(entries_in(folder.path()).size(), 1u);
}

TEST_F(OpenVinoEngine, AnEntryThatAnotherIsWritingIsLeftToIt) {
  const TemporaryFolder folder;
  EngineOptions options = options_for("tiny.pdmodel");
  options.cache_dir = folder.path();
  load_engine(kKind, options);
  const std::filesystem::path entry = entries_in(folder.path()).front();
  std::filesystem::remove(entry);
  const std::string draft = folder.write(entry.filename().string() + ".new", "begun");
  const int other = open(draft.c_str(), O_RDWR);
  ASSERT_GE(other, 0);
  ASSERT_EQ(flock(other, LOCK_EX), 0);
  EXPECT_TRUE(load_engine(kKind, options)->notices().empty());
  EXPECT_EQ(content_of(draft), "begun");
  EXPECT_TRUE(entries_in(folder.path()).empty());
  close(other);  // as if it was killed
  EXPECT_TRUE(load_engine(kKind, options)->notices().empty());
  EXPECT_FALSE(std::filesystem::exists(draft));
  EXPECT_EQ(entries_in(folder.path()), std::vector<std::filesystem::path>{entry});
}

TEST_F(OpenVinoEngine, ACacheThatIsNoFolderIsAnError) {
  EngineOptions options = options_for("tiny.pdmodel");
  for (const std::string& path : {options.model_path, options.model_path + "/cache"}) {
    options.cache_dir = path;
    EXPECT_THAT(load_problem(kKind, options), HasSubstr("model_cache_dir " + path + ": cannot be created"));
  }
}

// Entries become the model that answers: only those that this user or root alone can have written.
TEST_F(OpenVinoEngine, ACacheThatOthersCanWriteIsNotUsed) {
  const TemporaryFolder folder;
  EngineOptions options = options_for("tiny.pdmodel");
  options.cache_dir = folder.path();
  for (const mode_t mode : {0777, 01777, 0775}) {
    chmod(folder.path().c_str(), mode);
    EXPECT_THAT(load_engine(kKind, options)->notices(),
                testing::ElementsAre(testing::AllOf(HasSubstr("model_cache_dir " + folder.path() + " isn't used"),
                                                    HasSubstr("others can write it"))));
    EXPECT_TRUE(entries_in(folder.path()).empty());
  }
}

TEST_F(OpenVinoEngine, AnEntryThatMayBeAnothersIsMadeAnew) {
  const TemporaryFolder folder;
  EngineOptions options = options_for("tiny.pdmodel");
  options.cache_dir = folder.path();
  load_engine(kKind, options);
  const std::filesystem::path entry = entries_in(folder.path()).front();
  const std::string elsewhere = folder.write("elsewhere", content_of(entry));
  const auto expect_replaced = [&](const char* reason) {
    EXPECT_THAT(load_engine(kKind, options)->notices(), testing::ElementsAre(HasSubstr(reason)));
    EXPECT_TRUE(load_engine(kKind, options)->notices().empty());
    EXPECT_TRUE(std::filesystem::is_regular_file(std::filesystem::symlink_status(entry)));
  };
  chmod(entry.c_str(), 0666);
  expect_replaced("others can write it");
  std::filesystem::remove(entry);
  std::filesystem::create_symlink(elsewhere, entry);
  expect_replaced("not a regular file");
  std::filesystem::remove(entry);
  ASSERT_EQ(mkfifo(entry.c_str(), 0600), 0);
  expect_replaced("not a regular file");
}

TEST_F(OpenVinoEngine, ADraftThatIsALinkIsNotWrittenThrough) {
  const TemporaryFolder folder;
  EngineOptions options = options_for("tiny.pdmodel");
  options.cache_dir = folder.path();
  load_engine(kKind, options);
  const std::filesystem::path entry = entries_in(folder.path()).front();
  std::filesystem::remove(entry);
  const std::string victim = folder.write("victim", "precious");
  std::filesystem::create_symlink(victim, entry.string() + ".new");
  EXPECT_THAT(load_engine(kKind, options)->notices(), testing::ElementsAre(HasSubstr("can't be cached")));
  EXPECT_EQ(content_of(victim), "precious");
}

TEST_F(OpenVinoEngine, InstancesHaveAModelEachWhileAllTheirWeightsAreLittle) {
  EngineOptions options = options_for("mobilenet.pdmodel");  // 6.5 MB of float32
  options.instances = 2;
  EXPECT_THAT(load_engine(kKind, options)->describe(), HasSubstr("2 models"));
  options.instances = 3;
  EXPECT_THAT(load_engine(kKind, options)->describe(), HasSubstr("3 streams"));
  if (cpu_features().find("bf16") == std::string::npos) return;
  options.precision = Precision::kBf16;
  EXPECT_THAT(load_engine(kKind, options)->describe(), HasSubstr("3 models")) << "half as heavy";
}

TEST_F(OpenVinoEngine, DescribesItself) {
  EngineOptions options = options_for("tiny.pdmodel");
  options.instances = 2;
  EXPECT_THAT(load_engine(kKind, options)->describe(),
              testing::MatchesRegex("OpenVINO 20[0-9.]+, fp32, 2 models x 1 thread"));
}

}  // namespace
}  // namespace ppinfer
