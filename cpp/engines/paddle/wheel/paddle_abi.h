// The few declarations of Paddle Inference's C++ interface that the engine uses, for the library of the Python wheel,
// which exports all of it but comes without these headers (it does bring those of paddle::Tensor). The C++ SDK has the
// real ones: see ../sdk/paddle_abi.h.
//
// Note [Opaque Paddle types]
// Member functions are called by their exported names, so only names and signatures matter, which the link checks;
// CMakeLists.txt checks before that that the library exports each of them. Layout matters in one place: AnalysisConfig
// lies in storage far larger than it is (paddle_engine_test.cc watches how much it touches). A Predictor is only held
// by the shared_ptr that CreatePredictor gives, whose deleter is the library's own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "paddle/phi/api/include/tensor.h"
#include "paddle/phi/api/include/tensor_utils.h"

namespace paddle {

struct AnalysisConfig {
  AnalysisConfig(const std::string& program_path, const std::string& params_path);
  AnalysisConfig(const AnalysisConfig&) = delete;
  AnalysisConfig& operator=(const AnalysisConfig&) = delete;
  ~AnalysisConfig();

  void SetCpuMathLibraryNumThreads(int threads);
  void EnableMKLDNN();
  void DisableMKLDNN();
  void SetMkldnnCacheCapacity(int input_shapes);
  void EnableMkldnnBfloat16();
  void EnableMkldnnInt8(const std::unordered_set<std::string>& operators);
  void SwitchIrOptim(int on);
  void DeletePass(const std::string& pass);
  void DisableGlogInfo();

  static constexpr std::size_t kStorageBytes = 16384;  // 3.3.1 uses 1,632 of them

 private:
  alignas(64) std::byte storage_[kStorageBytes];
};

}  // namespace paddle

namespace paddle_infer {

class Predictor {
 public:
  Predictor() = delete;
  Predictor(const Predictor&) = delete;
  Predictor& operator=(const Predictor&) = delete;

  std::vector<std::string> GetInputNames();
  std::vector<std::string> GetOutputNames();
  std::map<std::string, std::vector<std::int64_t>> GetInputTensorShape();
  std::map<std::string, std::vector<std::int64_t>> GetOutputTensorShape();
  bool Run(const std::vector<paddle::Tensor>& inputs, std::vector<paddle::Tensor>* outputs);
};

std::shared_ptr<Predictor> CreatePredictor(const paddle::AnalysisConfig& config);
std::string GetVersion();

}  // namespace paddle_infer
