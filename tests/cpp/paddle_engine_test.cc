#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <iostream>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include "engine_contract.h"
#include "ppinfer/predictor.h"
#include "quantized_contract.h"

namespace ppinfer {
namespace {

using testing::HasSubstr;

constexpr EngineKind kKind = EngineKind::kPaddle;

INSTANTIATE_TEST_SUITE_P(Paddle, EngineContract,
                         testing::Values(EngineCase{kKind, "tiny.pdmodel"}, EngineCase{kKind, "tiny_pir.json"},
                                         EngineCase{kKind, "mobilenet.pdmodel"},
                                         EngineCase{kKind, "mobilenet_pir.json"}),
                         case_name);
INSTANTIATE_TEST_SUITE_P(Paddle, ChosenTensor, testing::Values(EngineCase{kKind, "tiny.pdmodel"}), case_name);
INSTANTIATE_TEST_SUITE_P(Paddle, UnfitModel,
                         testing::Values(UnfitCase{kKind, ".pdmodel"}, UnfitCase{kKind, "_pir.json"}), unfit_case_name);

constexpr double kOfInt8 = 0.12;  // oneDNN's int8 fc is coarse: without it 0.003
INSTANTIATE_TEST_SUITE_P(Paddle, QuantizedModel,
                         testing::Values(QuantizedCase{kKind, "tiny_int8.pdmodel", "tiny.pdmodel", kOfInt8},
                                         QuantizedCase{kKind, "tiny_fake_int8.pdmodel", "mobilenet.pdmodel", kOfInt8}),
                         quantized_case_name);

class PaddleEngine : public testing::Test {
 protected:
  void SetUp() override { PPINFER_NEEDS_MODELS(kKind); }
};

TEST_F(PaddleEngine, OtherFormatsNameTheEngineThatReadsThem) {
  for (const char* file : {"tiny.onnx", "tiny.xml"}) {
    EXPECT_THAT(load_problem(kKind, options_for(file)), HasSubstr("set `engine openvino`"));
  }
}

TEST_F(PaddleEngine, EitherOfTwoOutputsCanBeChosen) {
  EngineOptions program = options_for("two_outputs.pdmodel");
  EngineOptions pir = options_for("two_outputs_pir.json");
  for (const auto& [name, pir_name, values] :
       {std::tuple("softmax_0.tmp_0", "fetch_name_0", 10), {"relu_1.tmp_0", "fetch_name_1", 16 * 8 * 8}}) {
    program.output_tensor = name;
    pir.output_tensor = pir_name;
    const std::unique_ptr<Engine> from_program = load_engine(kKind, program);
    const std::unique_ptr<Engine> from_pir = load_engine(kKind, pir);
    EXPECT_EQ(from_program->class_count(), values);
    const BatchTensor zeros(1, program.input_px);
    EXPECT_LT(
        largest_difference(from_program->create_instance()->run(zeros, 1), from_pir->create_instance()->run(zeros, 1)),
        kAgainstItself);
  }
  pir.output_tensor = "relu_1.tmp_0";
  EXPECT_THAT(load_problem(kKind, pir), testing::AllOf(HasSubstr("fetch_name_0, fetch_name_1"), HasSubstr(".pdmodel"),
                                                       HasSubstr("`engine openvino`")));
}

TEST_F(PaddleEngine, AFixedBatchIsTheLimit) {
  EngineOptions options = options_for("tiny_batch_2.pdmodel");
  options.batch_size = 3;
  EXPECT_THAT(load_problem(kKind, options), HasSubstr("a fixed batch of 2, but batch_size is 3"));
  options.batch_size = 2;
  EXPECT_EQ(load_problem(kKind, options), "");
}

TEST_F(PaddleEngine, NativeKernelsAnswerTheSame) {
  for (const char* file : {"tiny.pdmodel", "tiny_pir.json"}) {
    EngineOptions options = options_for(file);
    const Golden golden(file, options);
    options.use_mkldnn = false;
    const std::unique_ptr<EngineInstance> instance = load_engine(kKind, options)->create_instance();
    EXPECT_LT(largest_difference(instance->run(golden.images, 1), golden.scores_of(0, 1)), kAgainstPaddle);
  }
}

TEST_F(PaddleEngine, ScoresThatArentThePlainExecutorsAreRefused) {
  for (const char* file : {"unsteady.pdmodel", "unsteady_pir.json"}) {
    EngineOptions options = options_for(file);
    EXPECT_THAT(load_problem(kKind, options),
                testing::AllOf(HasSubstr(file), HasSubstr("Set `engine openvino` or `use_mkldnn 0`"),
                               HasSubstr("`check_engine 0` takes the scores as they are")));
    options.check_engine = false;
    EXPECT_EQ(load_problem(kKind, options), "");
  }
}

TEST_F(PaddleEngine, Bf16IsThereOrRefused) {
  EngineOptions options = options_for("tiny.pdmodel");
  options.precision = Precision::kBf16;
  const std::string problem = load_problem(kKind, options);
  if (cpu_features().find("bf16") != std::string::npos) {
    EXPECT_EQ(problem, "");
  } else {
    EXPECT_THAT(problem, HasSubstr("set precision fp32"));
  }
  options.use_mkldnn = false;
  EXPECT_THAT(load_problem(kKind, options), HasSubstr("needs use_mkldnn 1"));
}

TEST_F(PaddleEngine, Int8NeedsMkldnnAndAProgram) {
  EngineOptions options = options_for("tiny_int8.pdmodel");
  options.precision = Precision::kInt8;
  options.use_mkldnn = false;
  EXPECT_THAT(load_problem(kKind, options), HasSubstr("precision int8 with engine paddle needs use_mkldnn 1"));
  PPINFER_NEEDS_INT8_CPU();
  EngineOptions pir = options_for("tiny_pir.json");
  pir.precision = Precision::kInt8;
  EXPECT_THAT(load_problem(kKind, pir), HasSubstr("needs a quantised .pdmodel"));
}

// See SilentThread.
TEST_F(PaddleEngine, LoadingInt8LeavesOtherThreadsTheirCerr) {
  PPINFER_NEEDS_INT8_CPU();
  EngineOptions options = options_for("tiny_int8.pdmodel");
  options.precision = Precision::kInt8;
  std::ostringstream seen;
  std::streambuf* const before = std::cerr.rdbuf(seen.rdbuf());
  std::atomic<bool> loaded = false;
  int lines = 0;
  std::thread writer([&] {
    for (; !loaded; ++lines) std::cerr << "line\n";
  });
  const std::string problem = load_problem(kKind, options);
  loaded = true;
  writer.join();
  std::streambuf* const after = std::cerr.rdbuf(before);
  EXPECT_EQ(problem, "");
  EXPECT_EQ(after, seen.rdbuf());
  EXPECT_GT(lines, 0);
  const std::string text = seen.str();
  EXPECT_EQ(text.size(), static_cast<std::size_t>(lines) * 5) << text.substr(0, 200);
}

TEST_F(PaddleEngine, PrintsNothing) {
  testing::internal::CaptureStderr();
  testing::internal::CaptureStdout();
  for (const char* file : {"mobilenet_pir.json", "mean_pir.json"}) {
    EngineOptions options = options_for(file);
    options.batch_size = 2;
    const std::unique_ptr<Engine> engine = load_engine(kKind, options);
    const BatchTensor zeros(2, options.input_px);
    const std::unique_ptr<EngineInstance> instance = engine->create_instance();
    instance->run(zeros, 1);
    instance->run(zeros, 2);
    std::thread([&] { engine->create_instance()->run(zeros, 1); }).join();
  }
  EXPECT_EQ(testing::internal::GetCapturedStdout() + testing::internal::GetCapturedStderr(), "");
}

TEST_F(PaddleEngine, AgreesWithOpenVinoInOneProcess) {
  PPINFER_NEEDS_MODELS(EngineKind::kOpenVino);
  EngineOptions options = options_for("mobilenet.pdmodel");
  const Golden golden("mobilenet.pdmodel", options);
  options.batch_size = 8;
  const std::unique_ptr<EngineInstance> paddle = load_engine(kKind, options)->create_instance();
  const std::unique_ptr<EngineInstance> openvino = load_engine(EngineKind::kOpenVino, options)->create_instance();
  EXPECT_LT(largest_difference(paddle->run(golden.images, 8), openvino->run(golden.images, 8)), kAgainstPaddle);
}

std::size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t pages = 0;
  statm >> pages >> pages;
  return pages * 4096;
}

TEST_F(PaddleEngine, LoadingAgainAndAgainKeepsMemoryFlat) {
  EngineOptions options = options_for("mobilenet.pdmodel");  // 6.5 MB of weights
  options.instances = 2;
  const BatchTensor zeros(1, options.input_px);
  const auto load_and_run = [&] {
    const std::unique_ptr<Engine> engine = load_engine(kKind, options);
    for (int instance = 0; instance < options.instances; ++instance) engine->create_instance()->run(zeros, 1);
  };
  for (int warm_up = 0; warm_up < 2; ++warm_up) load_and_run();
  // What a load leaves behind, every load does; a heap that grows by chance doesn't.
  std::size_t least_growth = std::numeric_limits<std::size_t>::max();
  for (int load = 0; load < 4; ++load) {
    const std::size_t before = resident_bytes();
    load_and_run();
    const std::size_t after = resident_bytes();
    least_growth = std::min(least_growth, after > before ? after - before : 0);
  }
  EXPECT_LT(least_growth, std::size_t{2} << 20) << "bytes a load";
}

// See Note [Opaque Paddle types].
TEST_F(PaddleEngine, ConfigFitsItsStorage) {
  load_engine(kKind, options_for("tiny.pdmodel"));
  void* const module = dlopen(PPINFER_BIN_DIR "/../lib/ppinfer_engines/libppinfer_paddle.so", RTLD_NOW | RTLD_NOLOAD);
  ASSERT_NE(module, nullptr);
  using Construct = void (*)(void*, const std::string&, const std::string&);
  const auto construct = reinterpret_cast<Construct>(
      dlsym(module, "_ZN6paddle14AnalysisConfigC1ERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEES8_"));
  const auto destroy = reinterpret_cast<void (*)(void*)>(dlsym(module, "_ZN6paddle14AnalysisConfigD1Ev"));
  ASSERT_NE(construct, nullptr);
  ASSERT_NE(destroy, nullptr);

  constexpr std::size_t kStorageBytes = 16384;  // paddle::AnalysisConfig::kStorageBytes
  constexpr unsigned char kCanary = 0xA5;
  struct alignas(64) Storage {
    unsigned char bytes[4 * kStorageBytes];
  };
  const auto storage = std::make_unique<Storage>();
  std::fill(std::begin(storage->bytes), std::end(storage->bytes), kCanary);
  const EngineOptions options = options_for("tiny.pdmodel");
  construct(storage->bytes, options.model_path, options.params_path);
  std::size_t used = sizeof(storage->bytes);
  while (used > 0 && storage->bytes[used - 1] == kCanary) --used;
  destroy(storage->bytes);
  EXPECT_GT(used, 100u);
  EXPECT_LT(used, kStorageBytes / 2) << "time for more room in wheel/paddle_abi.h";
}

}  // namespace
}  // namespace ppinfer
