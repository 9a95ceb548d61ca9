// What holds for every engine's int8, as parameterised tests that each engine's test program instantiates.
#pragma once

#include "engine_contract.h"

namespace ppinfer {

// A model that quantisation made of `tiny`, and one that it did not touch.
struct QuantizedCase {
  EngineKind kind;
  const char* file;
  const char* not_quantized;
  double tolerance;  // of the scores, probabilities up to 0.78, on the images that the ranges were taken from
};

inline std::string quantized_case_name(const testing::TestParamInfo<QuantizedCase>& test) {
  return case_name({EngineCase{test.param.kind, test.param.file}, test.index});
}

class QuantizedModel : public testing::TestWithParam<QuantizedCase> {
 protected:
  void SetUp() override { PPINFER_NEEDS_MODELS(GetParam().kind); }
  static EngineOptions options(const char* file, Precision precision, int batch_size = 1) {
    EngineOptions options = options_for(file);
    options.precision = precision;
    options.batch_size = batch_size;
    return options;
  }
};

TEST_P(QuantizedModel, AnswersNearlyAsBeforeAtEveryCount) {
  PPINFER_NEEDS_INT8_CPU();
  const Golden golden("tiny", options_for(GetParam().file));
  const EngineOptions int8 = options(GetParam().file, Precision::kInt8, 8);
  testing::internal::CaptureStderr();
  testing::internal::CaptureStdout();
  const std::unique_ptr<Engine> engine = load_engine(GetParam().kind, int8);
  const std::unique_ptr<EngineInstance> instance = engine->create_instance();
  std::vector<double> differences;
  for (const int count : {8, 1, 3, 8}) {
    differences.push_back(largest_difference(instance->run(golden.images, count), golden.scores_of(0, count)));
  }
  EXPECT_EQ(testing::internal::GetCapturedStdout() + testing::internal::GetCapturedStderr(), "");
  EXPECT_THAT(differences, testing::Each(testing::Lt(GetParam().tolerance)));
  EXPECT_THAT(differences, testing::Each(testing::Gt(kAgainstPaddle))) << "isn't computed in int8";
  EXPECT_THAT(engine->describe(), testing::HasSubstr(", int8, "));
}

TEST_P(QuantizedModel, RunsInFp32Too) {
  const Golden golden("tiny", options_for(GetParam().file));
  const EngineOptions fp32 = options(GetParam().file, Precision::kFp32);
  EXPECT_LT(largest_difference(load_engine(GetParam().kind, fp32)->create_instance()->run(golden.images, 1),
                               golden.scores_of(0, 1)),
            GetParam().tolerance);
}

TEST_P(QuantizedModel, AModelThatIsNotIsRefused) {
  PPINFER_NEEDS_INT8_CPU();
  EXPECT_THAT(load_problem(GetParam().kind, options(GetParam().not_quantized, Precision::kInt8)),
              testing::AllOf(testing::HasSubstr(GetParam().not_quantized), testing::HasSubstr("isn't quantised"),
                             testing::HasSubstr("`ppinfer quantize`")));
}

}  // namespace ppinfer
