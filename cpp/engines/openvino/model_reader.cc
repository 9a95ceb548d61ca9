#include "model_reader.h"

#include <filesystem>
#include <mutex>
#include <openvino/frontend/manager.hpp>
#include <string>
#include <vector>

#include "core/model_weights.h"
#include "model/paddle_files.h"
#include "pir/reader.h"
#include "ppinfer/error.h"
#include "separate_pools.h"
#include "separate_weights.h"

namespace ppinfer {
namespace {

// The .xml holds no weights, and takes some ten times its size when it's read.
void check_ir_file(const std::string& path) {
  constexpr std::uintmax_t kMaxBytes = 128 << 20;
  std::error_code error;
  const std::uintmax_t bytes = std::filesystem::file_size(path, error);
  if (error || bytes <= kMaxBytes) return;  // OpenVINO says what is wrong
  throw ModelError(path + ": has " + std::to_string(bytes) + " bytes, an OpenVINO model (.xml) has at most " +
                   std::to_string(kMaxBytes));
}

void require_weights(const std::string& path) {
  std::string message;
  for (const std::string& problem : weights_problems(path))
    message += (message.empty() ? "" : "\n") + path + ": " + problem;
  if (!message.empty()) throw ModelError(message);
}

void refuse_empty_file(const EngineOptions& options) {
  std::error_code error;
  if (std::filesystem::file_size(options.model_path, error) == 0 && !error) {
    throw ModelError(options.model_path + ": the file is empty: was it copied in full?");
  }
}

// By name, so that the other front ends are neither mapped nor asked: they print complaints about a damaged file.
std::shared_ptr<ov::Model> read_files(const EngineOptions& options) {
  static ov::frontend::FrontEndManager front_ends;
  static std::mutex mutex;
  refuse_empty_file(options);
  std::vector<ov::Any> files{options.model_path};
  const char* front_end_name = nullptr;
  switch (options.format) {
    case ModelFormat::kPaddleProgram:
      check_paddle_files(options);
      files.emplace_back(options.params_path);
      front_end_name = "paddle";
      break;
    case ModelFormat::kOnnx:
      require_weights(options.model_path);
      front_end_name = "onnx";
      break;
    case ModelFormat::kOpenVinoIr:
      check_ir_file(options.model_path);
      require_weights(options.model_path);
      front_end_name = "ir";
      // The front end finds X.bin beside X.xml by itself, but not X.BIN beside X.XML.
      for (const std::string& weights : weights_beside(options.model_path)) files.emplace_back(weights);
      break;
    case ModelFormat::kPaddlePir:
      check_paddle_files(options);
      return pir::read_model(options.model_path, options.params_path);
    case ModelFormat::kFake:
      throw ModelError(options.model_path + ": engine openvino reads .pdmodel, .json (PIR), .onnx and .xml");
  }
  const std::lock_guard lock(mutex);
  const ov::frontend::FrontEnd::Ptr front_end = front_ends.load_by_framework(front_end_name);
  const ov::frontend::InputModel::Ptr parsed = front_end->load(files);
  if (!parsed) throw ModelError(options.model_path + ": not such a model, or damaged");
  return front_end->convert(parsed);
}

}  // namespace

std::shared_ptr<ov::Model> read_model(const EngineOptions& options) {
  std::shared_ptr<ov::Model> model = read_files(options);
  separate_pools(*model);
  separate_weights(*model);
  return model;
}

}  // namespace ppinfer
