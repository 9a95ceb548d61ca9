// A model of no use but to tests: quick, deterministic, and able to be slow or to fail. Its file `*.fake` holds lines
// `classes 8` (default), `delay_ms 0`, `fail_above 0.9` (run() throws when the mean of an image's slot exceeds it),
// `score_kind probabilities` (default), `softmax`, `raw` or `unknown` (what the engine claims), and `end` (what becomes
// of the scores): `none` (default), `softmax`, `softmax_twice`, `softmax_over_batch` or `logit`.
//
// score[c] = 1 / (1 + |c - mean * (classes - 1)|), where mean is that of the image's slot: so an image's brightness
// (with scale 1/255, mean 0, std 1) decides its class, and an answer on the wrong path shows. The score of one class is
// the mean itself. A softmax takes 32 times the scores, so that it's sure; `logit` is 32 * (score - 0.5).
#include <chrono>
#include <cmath>
#include <fstream>
#include <thread>
#include <vector>

#include "engine/engine.h"
#include "ppinfer/error.h"
#include "ppinfer/version.h"

namespace ppinfer {
namespace {

struct FakeModel {
  int classes = 8;
  int delay_ms = 0;
  double fail_above = INFINITY;
  ScoreKind score_kind = ScoreKind::kSigmoid;  // that it isn't so is nobody's concern, unless a test asks
  std::string end = "none";
};

FakeModel read_model(const std::string& path) {
  std::ifstream file(path);
  FakeModel model;
  for (std::string key; file >> key;) {
    if (key == "classes") {
      file >> model.classes;
    } else if (key == "delay_ms") {
      file >> model.delay_ms;
    } else if (key == "fail_above") {
      file >> model.fail_above;
    } else if (key == "score_kind") {
      std::string kind;
      file >> kind;
      model.score_kind = kind == "raw"       ? ScoreKind::kRaw
                         : kind == "unknown" ? ScoreKind::kUnknown
                         : kind == "softmax" ? ScoreKind::kSoftmax
                                             : ScoreKind::kSigmoid;
    } else if (key == "end") {
      file >> model.end;
    } else {
      throw ModelError(path + ": unknown key " + key);
    }
  }
  return model;
}

class FakeInstance : public EngineInstance {
 public:
  explicit FakeInstance(const FakeModel& model) : model_(model) {}

  Span<const float> run(const BatchTensor& batch, int count) override {
    std::this_thread::sleep_for(std::chrono::milliseconds(model_.delay_ms));
    scores_.clear();
    for (int image = 0; image < count; ++image) {
      const float* slot = batch.values() + static_cast<std::size_t>(image) * batch.slot_values();
      double sum = 0;
      for (std::size_t value = 0; value < batch.slot_values(); ++value) sum += static_cast<double>(slot[value]);
      const double mean = sum / static_cast<double>(batch.slot_values());
      if (mean > model_.fail_above) throw RuntimeFailure("the fake engine fails on request");
      for (int id = 0; id < model_.classes; ++id) {
        const double score = model_.classes == 1 ? mean : 1 / (1 + std::fabs(id - mean * (model_.classes - 1)));
        scores_.push_back(static_cast<float>(score));
      }
    }
    const auto classes = static_cast<std::size_t>(model_.classes);
    if (model_.end == "logit") scale_scores(32, -0.5F);
    if (model_.end.rfind("softmax", 0) == 0) scale_scores(32, 0);
    if (model_.end == "softmax" || model_.end == "softmax_twice") softmax(classes, 1);
    if (model_.end == "softmax_twice") softmax(classes, 1);
    if (model_.end == "softmax_over_batch") softmax(static_cast<std::size_t>(count), classes);
    return scores_;
  }

 private:
  void scale_scores(float factor, float offset) {
    for (float& score : scores_) score = factor * (score + offset);
  }

  // Over groups of `length` scores, `stride` apart.
  void softmax(std::size_t length, std::size_t stride) {
    for (std::size_t group = 0; group < scores_.size() / length; ++group) {
      const std::size_t first = stride == 1 ? group * length : group;
      float sum = 0;
      for (std::size_t i = 0; i < length; ++i)
        sum += scores_[first + i * stride] = std::exp(scores_[first + i * stride]);
      for (std::size_t i = 0; i < length; ++i) scores_[first + i * stride] /= sum;
    }
  }

  FakeModel model_;
  std::vector<float> scores_;
};

class FakeEngine : public Engine {
 public:
  explicit FakeEngine(const EngineOptions& options) : model_(read_model(options.model_path)) {}
  int class_count() const override { return model_.classes; }
  ScoreKind score_kind() const override { return model_.score_kind; }
  std::unique_ptr<EngineInstance> create_instance() override { return std::make_unique<FakeInstance>(model_); }
  std::string describe() const override { return "fake engine"; }

 private:
  FakeModel model_;
};

std::unique_ptr<Engine> load(const EngineOptions& options) {
  if (options.format != ModelFormat::kFake) throw ModelError(options.model_path + ": engine fake reads only *.fake");
  if (!options.output_tensor.empty()) throw ModelError(options.model_path + ": engine fake has no output_tensor");
  return std::make_unique<FakeEngine>(options);
}

const EngineModule kModule{kVersion, "fake", [] { return kVersion; }, load};

}  // namespace
}  // namespace ppinfer

extern "C" __attribute__((visibility("default"))) const ppinfer::EngineModule* ppinfer_engine_module() {
  return &ppinfer::kModule;
}
