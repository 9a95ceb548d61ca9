// The seam to inference libraries. Each is a shared module, loaded on demand, that exports one C function.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/batch_tensor.h"
#include "ppinfer/error.h"
#include "ppinfer/span.h"
#include "ppinfer/types.h"

namespace [[gnu::visibility("default")]] ppinfer {

struct EngineOptions {
  std::string model_path;
  std::string params_path;  // empty for formats that need none
  ModelFormat format = ModelFormat::kPaddleProgram;
  std::string output_tensor;  // whose values are the scores; empty: the model's output. "?": a ModelError lists them
  Size input_px;              // of the tensors that will come; must fit the model's own input
  int channels = 3;           // of them, too
  int batch_size = 1;         // the largest batch that will come
  int instances = 1;          // how many will run at the same time
  int threads_per_instance = 1;
  Precision precision = Precision::kFp32;
  std::string cache_dir;           // openvino only; empty: no cache
  bool use_mkldnn = true;          // paddle only
  int mkldnn_cache_capacity = 10;  // paddle only, input shapes
  bool check_engine = true;        // paddle only: refuse a model whose scores disagree with the plain executor's
};

// As config.txt has it; for describe() and messages.
inline const char* precision_name(Precision precision) {
  switch (precision) {
    case Precision::kFp32:
      return "fp32";
    case Precision::kBf16:
      return "bf16";
    case Precision::kInt8:
      return "int8";
  }
  return "?";
}

// The model's files are sound, and this engine lacks an operation that they have: another engine may have it.
class UnsupportedOperation : public ModelError {
 public:
  using ModelError::ModelError;
};

// A compiled model's right to run, for one thread at a time.
class EngineInstance {
 public:
  virtual ~EngineInstance() = default;
  // Where run() expects the batch: a lane on the CPU fills host memory, the CUDA path writes the engine's own input.
  virtual MemoryPlace input_place() const { return MemoryPlace::kHost; }
  // Scores [count, class_count] (with output_tensor: its values, flattened) of the first `count` images of the batch (1
  // <= count <= batch_size); valid until the next run(). Throws RuntimeFailure.
  virtual Span<const float> run(const BatchTensor& batch, int count) = 0;
};

// What the end of the model makes of its scores.
enum class ScoreKind {
  kUnknown,
  kSoftmax,       // a softmax, over whichever axis
  kSoftmaxTwice,  // a softmax of a softmax
  kSigmoid,       // each score is a probability by itself
  kRaw,           // none of these
};

// A loaded model.
class Engine {
 public:
  virtual ~Engine() = default;
  virtual int class_count() const = 0;
  virtual ScoreKind score_kind() const { return ScoreKind::kUnknown; }
  virtual std::unique_ptr<EngineInstance> create_instance() = 0;  // at most options.instances; from any one thread
  virtual std::string describe() const = 0;  // one line for people: library, version, precision, streams, ...
  virtual std::vector<std::string> notices() const { return {}; }  // what the user should know of loading it, so far
};

// What a module hands out. `api` is ppinfer's own version, so that a module of another build is refused.
struct EngineModule {
  const char* api;
  const char* name;
  const char* (*library_version)();
  // Throws ModelError: can't read this format (says which it can), wrong input or output shape, precision that this CPU
  // lacks.
  std::unique_ptr<Engine> (*load)(const EngineOptions& options);
  // Writes the model that the options name as OpenVINO IR, and gives its input's sides, -1 where they are open. Null:
  // the engine can't. Throws ModelError.
  std::vector<std::int64_t> (*write_ir)(const EngineOptions& options, const std::string& out) = nullptr;
};

}  // namespace ppinfer

// Defined by each module: extern "C" const ppinfer::EngineModule* ppinfer_engine_module();
#define PPINFER_ENGINE_SYMBOL "ppinfer_engine_module"
