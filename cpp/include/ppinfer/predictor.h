// The door of the C++ library: images in, one Result each out.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ppinfer/config.h"
#include "ppinfer/image.h"
#include "ppinfer/result.h"

namespace ppinfer {

// Where inputs come from. next() and is_ready() are called under a lock, from any lane's thread.
class ImageSource {
 public:
  virtual ~ImageSource() = default;
  // False: no more. A throw is an end as well: those before it get their results, then it comes out of Predictor::run.
  virtual bool next(ImageInput& input) = 0;
  // False: next() would wait for whoever makes the inputs, or there are no more. Those that a lane has are worked on
  // then, however few; else it takes as many as make a batch.
  virtual bool is_ready() { return true; }
  // From any thread, once a run has failed: no more is wanted, and a next() that waits had better return false, as the
  // run ends when all lanes do.
  virtual void stop() {}
};

// Where results go: in input order, never two calls at once, from any lane's thread. A throw stops the run and comes
// out of Predictor::run.
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
  int lanes = 0;                    // that had a part in it
  double wall_ms = 0;
  double cpu_ms = 0;  // CPU time that the whole process had meanwhile

  double images_per_s() const { return wall_ms > 0 ? static_cast<double>(images) * 1e3 / wall_ms : 0; }
  // Of no stage: lanes that wait for the source, for an engine instance, or for the writer.
  double idle_ms() const { return lanes * wall_ms - sum_ms(); }
};

// Looks at a run while it goes on.
class RunWatch {
 public:
  virtual ~RunWatch() = default;
  // About every 100 ms, in the thread that called Predictor::run, which is no lane then. `so_far` holds the batches
  // that are done. False: no more inputs are taken, and those begun are finished; it is called on until they are,
  // also when the run fails meanwhile. A throw ends the run without them and comes out of Predictor::run, unless the
  // run has failed before.
  virtual bool look(const RunStats& so_far) = 0;
};

// What a config comes to on this machine, told without loading its model.
struct ConfigReport {
  EngineKind engine = EngineKind::kAuto;  // never auto
  std::vector<EffectiveValue> effective;  // the config's, with the engine that auto came to
  std::vector<std::string> notices;       // the config's, and what is to say of the engine
};
ConfigReport report_config(const Config& config);

// Loads the model once. Every method may be called from several threads at once; calls share the lanes. In a forked
// child one of the parent gives its config, labels and description, but methods that take images throw RuntimeFailure;
// to destroy it there frees nothing. A new one works, unless the parent's engine was in the midst of work for more than
// 10 s as it forked: then it throws ModelError.
class Predictor {
 public:
  // Throws ModelError when the model cannot be loaded or does not fit the config, ConfigError for wrong labels.
  explicit Predictor(Config config);
  ~Predictor();
  Predictor(Predictor&&) noexcept;
  Predictor& operator=(Predictor&&) noexcept;

  Result predict(const ImageInput& input);
  std::vector<Result> predict(const std::vector<ImageInput>& inputs);
  // Streams: memory stays bounded however many inputs there are. Throws what source or sink throw.
  RunStats run(ImageSource& source, ResultSink& sink);
  RunStats run(ImageSource& source, ResultSink& sink, RunWatch& watch);

  // What an image takes in each stage when nothing else runs, by the code that a lane runs, in the caller's thread and
  // with one engine instance: the images are read, decoded and preprocessed pass by pass, as many whole passes as start
  // within `seconds`; then a full batch of them runs, and the answers of some are made and written to `sink`, each
  // again and again for `seconds`. What runs first is left out. `on_check` is called in between, at least once an
  // image; what it throws comes out. Throws BadImageError for a bad image, Error when there are no inputs.
  StageTimes measure_stages(const std::vector<ImageInput>& inputs, double seconds, ResultSink& sink,
                            const std::function<void()>& on_check = {});

  // The stages one by one, by the code that predict() runs, to see what an image becomes on its way. Here a bad image
  // is a BadImageError, the first of several.
  RgbPixels decode(const ImageInput& input);  // all of it, also where predict() decodes no more than the crop needs
  RgbPixels resize(const ImageInput& input);  // resized and cropped, of config().input_size(); RGB for any model
  std::vector<float> preprocess(const ImageInput& input);  // [channel_num, height, width]: the engine's very input
  // The engine's very output, before softmax and postprocess; NaN and infinities too.
  std::vector<float> logits(const ImageInput& input);                // [class_count]
  std::vector<float> logits(const std::vector<ImageInput>& inputs);  // [images, class_count], in batches as predict()
  std::vector<float> logits(ImageSource& source);                    // likewise; throws what source throws

  const Config& config() const;
  // Those of report_config, and what loading the model has shown, such as "This model ends without softmax; ...".
  const std::vector<std::string>& notices() const;
  int class_count() const;                         // of the model's outputs: logits an image
  const std::vector<std::string>& labels() const;  // [class_count], two of one output that is a threshold's, or empty
  std::string describe() const;                    // engine, its version, model, lanes, for people

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

struct EngineInfo {
  std::string name;     // "openvino", "paddle"
  std::string version;  // of the engine's own library; empty when it can't be loaded
  std::string problem;  // why it can't be loaded; empty when it can
};
std::vector<EngineInfo> installed_engines();  // loads each engine's module
std::string cpu_features();                   // of those that matter here: "avx2 avx512f avx512_vnni", ...
// CPUs that this process may keep busy: the smaller of its affinity mask and its cgroup quota (v1 and v2, rounded up),
// at least 1. Not the machine's CPU count.
int allowed_cpu_count();

}  // namespace ppinfer
