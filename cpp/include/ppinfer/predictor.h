// The entry point of the C++ library: one Result for each image.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ppinfer/config.h"
#include "ppinfer/image.h"
#include "ppinfer/result.h"

namespace [[gnu::visibility("default")]] ppinfer {

// Gives the inputs of a run. next() and is_ready() are called under a lock, from any lane's thread.
class ImageSource {
 public:
  virtual ~ImageSource() = default;
  // False: the inputs have ended. An exception also ends the inputs: earlier inputs still get their results, then the
  // exception comes out of Predictor::run.
  virtual bool next(ImageInput& input) = 0;
  // False: next() would wait for a further input, or there are none left. A lane then runs the inputs it has as a
  // smaller batch; otherwise it fills the batch.
  virtual bool is_ready() { return true; }
  // Called from any thread when a run ends early. A waiting next() should return false, because the run ends only
  // after all lanes have ended.
  virtual void stop() {}
};

// Receives the results of a run in input order, one call at a time, from any lane's thread. An exception stops the run
// and comes out of Predictor::run.
class ResultSink {
 public:
  virtual ~ResultSink() = default;
  virtual void write(const Result& result) = 0;
};

struct StageTimes {
  double read_ms = 0;
  double decode_ms = 0;
  double preprocess_ms = 0;
  double infer_ms = 0;
  double postprocess_ms = 0;
  double write_ms = 0;

  double sum_ms() const { return read_ms + decode_ms + preprocess_ms + infer_ms + postprocess_ms + write_ms; }
};

// The time spent in stages is summed over lanes, so the sum can exceed the wall time.
struct RunStats : StageTimes {
  std::int64_t images = 0;
  std::int64_t errors = 0;          // of these images
  std::int64_t machine_errors = 0;  // of these errors: of Stage::kMachine
  int lanes = 0;                    // that worked in this run
  double wall_ms = 0;
  double cpu_ms = 0;  // CPU time that the whole process had meanwhile

  double images_per_s() const { return wall_ms > 0 ? static_cast<double>(images) * 1e3 / wall_ms : 0; }
  // Of no stage: lanes that wait for the source, for an engine instance, or for the writer.
  double idle_ms() const { return lanes * wall_ms - sum_ms(); }
};

// Receives the progress of a run.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  // Called about every 100 ms, in the thread that called Predictor::run, which does not work as a lane then. `so_far`
  // has the finished batches. Return false to stop taking inputs; calls continue until the inputs in work are finished,
  // also if the run fails. After an exception no further batch is written. The exception comes out of Predictor::run
  // once the images in work are finished, unless the run failed before.
  virtual bool on_progress(const RunStats& so_far) = 0;
};

// The values in effect of a config on this machine, found without loading the model. At load, engine auto may still
// change from OpenVINO to Paddle.
struct ConfigReport {
  EngineKind engine = EngineKind::kAuto;  // never auto
  std::vector<EffectiveValue> effective;  // the config's, with the engine that auto came to
  std::vector<std::string> notices;       // of the config and of the engine
};
ConfigReport report_config(const Config& config);

// A loaded model that classifies images. Every method may be called from several threads at once; calls share the
// lanes. In a forked child, the parent's Predictor has its config, labels and description, but methods that take images
// throw RuntimeFailure, and its destructor frees nothing. A new Predictor works in the child, unless an engine of the
// parent still ran after fork() had waited 10 s: then the constructor throws ModelError.
class Predictor {
 public:
  // Throws ModelError when the model cannot be loaded or does not fit the config, ConfigError for wrong labels.
  explicit Predictor(Config config);
  ~Predictor();
  Predictor(Predictor&&) noexcept;
  Predictor& operator=(Predictor&&) noexcept;

  Result predict(const ImageInput& input);
  std::vector<Result> predict(const std::vector<ImageInput>& inputs);
  // Streams: memory is bounded for any number of inputs. Exceptions of source and sink come out.
  RunStats run(ImageSource& source, ResultSink& sink);
  RunStats run(ImageSource& source, ResultSink& sink, RunObserver& observer);

  // The cost of each stage, by the code that a lane runs, in the caller's thread and with one engine instance: the
  // images are read, decoded and preprocessed pass by pass, as many whole passes as start within `seconds`; then a full
  // batch of them runs, and the answers of some are made and written to `sink`, each again and again for `seconds`.
  // The first run of each stage does not count. `on_check` is called at least once an image; its exceptions come out.
  // Throws BadImageError for a bad image, Error for an empty list of inputs.
  StageTimes measure_stages(const std::vector<ImageInput>& inputs, double seconds, ResultSink& sink,
                            const std::function<void()>& on_check = {});

  // The stages one by one, with the code of predict(). They throw BadImageError for a bad image, of several for the
  // first.
  RgbPixels decode(const ImageInput& input);  // the whole image, also if predict() decodes only the part for the crop
  RgbPixels resize(const ImageInput& input);  // resized and cropped, of config().input_size(); RGB for any model
  std::vector<float> preprocess(const ImageInput& input);  // [channel_num, height, width]: the engine's input
  // The engine's output, before softmax and postprocess; may have NaN and infinities.
  std::vector<float> logits(const ImageInput& input);                // [class_count]
  std::vector<float> logits(const std::vector<ImageInput>& inputs);  // [images, class_count], in batches as predict()
  std::vector<float> logits(ImageSource& source);                    // likewise; throws what source throws

  const Config& config() const;
  // Notices of report_config and of the loaded model, such as "This model ends without softmax; ...".
  const std::vector<std::string>& notices() const;
  int class_count() const;  // of the model's outputs: logits an image
  // [class_count]; two for a model with one output and postprocess threshold; or empty.
  const std::vector<std::string>& labels() const;
  std::string describe() const;  // engine, its version, model, lanes, for people

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

struct EngineInfo {
  std::string name;     // "openvino", "paddle"
  std::string version;  // of the engine's own library; empty when it can't be loaded
  std::string problem;  // why it can't be loaded, with the engine's name; empty when it can
};
// The engines of this build. Reads the versions of the engines' Python packages; where ppinfer isn't installed as a
// Python package, loads each engine's module.
std::vector<EngineInfo> installed_engines();
std::string cpu_features();  // of those that matter here: "avx2 avx512f avx512_vnni", ...
// CPUs that this process may keep busy: the smaller of its affinity mask and its cgroup quota (v1 and v2, rounded up),
// at least 1. Not the machine's CPU count.
int allowed_cpu_count();

}  // namespace ppinfer
