// What a whole run takes for each image: no memory but its path's, and no lock. A program of its own, since it replaces
// operator new, and pthread_mutex_lock, to count.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <string>
#include <vector>

#include "counted_allocations.h"
#include "executor/executor.h"
#include "postprocess/ops.h"
#include "preprocess/needed_region.h"
#include "sample_images.h"
#include "temporary_folder.h"

namespace {
std::atomic<long> locks{0};
}

extern "C" int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
  static const auto real = reinterpret_cast<int (*)(pthread_mutex_t*)>(dlsym(RTLD_NEXT, "pthread_mutex_lock"));
  ++locks;
  return real(mutex);
}

namespace ppinfer {
namespace {

constexpr int kLanes = 2;
constexpr int kClasses = 30;

// Lanes run their batches in step, so that each does as many as the others, and all their memory is used from the first
// batches on.
class InStep : public EngineInstance {
 public:
  InStep(pthread_barrier_t& all_lanes, int batch_size)
      : all_lanes_(all_lanes), scores_(static_cast<std::size_t>(kClasses * batch_size), 0.25F) {}

  Span<const float> run(const BatchTensor&, int count) override {
    pthread_barrier_wait(&all_lanes_);
    return {scores_.data(), static_cast<std::size_t>(count * kClasses)};
  }

 private:
  pthread_barrier_t& all_lanes_;
  std::vector<float> scores_;
};

class Repeated : public ImageSource {
 public:
  Repeated(const std::vector<std::string>& paths, int images) : paths_(paths), left_(images) {}
  bool next(ImageInput& input) override {
    if (left_ == 0) return false;
    input.path = paths_[static_cast<std::size_t>(--left_) % paths_.size()];
    return true;
  }

 private:
  const std::vector<std::string>& paths_;
  int left_;
};

class Counted : public ResultSink {
 public:
  void write(const Result& result) override { good += result.ok() && result.label_names.size() == 5 ? 1 : 0; }
  int good = 0;
};

// What the second half of a run has taken.
struct Taken {
  long allocations = 0;
  long locks = 0;
};

class ExecutorRun {
 public:
  ExecutorRun(const std::vector<std::string>& paths, int batch_size) : paths_(paths), batch_size_(batch_size) {
    pthread_barrier_init(&all_lanes_, nullptr, kLanes);
    std::vector<std::unique_ptr<EngineInstance>> instances;
    for (int lane = 0; lane < kLanes; ++lane) instances.push_back(std::make_unique<InStep>(all_lanes_, batch_size));
    engines_ = std::make_unique<EnginePool>(std::move(instances));
    plan_.pixel_ops = {ResizeShort{64, Interpolation::kBilinear}, CenterCrop{{56, 48}}};
    plan_.output_px = {56, 48};
    Pipeline pipeline;
    pipeline.plan = plan_;
    pipeline.decode.needed_region = [this](Size image_px) { return needed_region(plan_, image_px); };
    pipeline.batch_size = batch_size;
    pipeline.engines = engines_.get();
    executor_ = std::make_unique<Executor>(pipeline, kLanes);
    postprocessor_ = make_postprocessor(Settings{}, labels_, kClasses, false);
  }
  ~ExecutorRun() { pthread_barrier_destroy(&all_lanes_); }
  ExecutorRun(const ExecutorRun&) = delete;
  ExecutorRun& operator=(const ExecutorRun&) = delete;

  // Of twice as many. A run's results wait in memory of its own, all of which the first half has used.
  Taken second_half_of(int batches) {
    taken_by(batches);
    const Taken half = taken_by(batches);
    const Taken whole = taken_by(2 * batches);
    return {whole.allocations - half.allocations, whole.locks - half.locks};
  }

 private:
  Taken taken_by(int batches) {
    Repeated source(paths_, batches * batch_size_);
    Counted sink;
    const Taken before{allocations, locks};
    executor_->run(*postprocessor_, source, sink, kLanes);
    const Taken taken{allocations - before.allocations, locks - before.locks};
    EXPECT_EQ(sink.good, batches * batch_size_);
    return taken;
  }

  const std::vector<std::string>& paths_;
  const std::vector<std::string> labels_ =
      std::vector<std::string>(kClasses, "a label that is too long to be kept in a string itself");
  int batch_size_;
  pthread_barrier_t all_lanes_{};
  std::unique_ptr<EnginePool> engines_;
  PreprocessPlan plan_;
  std::unique_ptr<Executor> executor_;
  std::unique_ptr<Postprocessor> postprocessor_;
};

// A multiple of the lanes, so that none waits for others in vain; more than twice the batches that may wait to be
// written.
constexpr int kBatches = 40 * kLanes;

class WholeRun : public testing::Test {
 protected:
  // Photos of several sizes, as many as a batch has, so that each lane sees all of them.
  std::vector<std::string> photos(const std::string& name) {
    std::vector<std::string> paths;
    for (const int width : {300, 120, 220, 90, 300, 120, 220, 90}) {
      const Bytes jpeg = encode(".jpg", make_picture(width, 100));
      paths.push_back(folder_.write(name + std::to_string(paths.size()), std::string(jpeg.begin(), jpeg.end())));
    }
    return paths;
  }

  const TemporaryFolder folder_;
};

TEST_F(WholeRun, AnImageTakesNoMemoryButThatOfItsPath) {
  const std::vector<std::string> paths = photos("a name that is too long to be kept in a string itself ");
  const int batch_size = static_cast<int>(paths.size());
  EXPECT_EQ(ExecutorRun(paths, batch_size).second_half_of(kBatches).allocations, kBatches * batch_size);
}

TEST_F(WholeRun, AnImageWhosePathIsShortTakesNone) {
  photos("");
  std::vector<std::string> names;
  for (int photo = 0; photo < 8; ++photo) names.push_back(std::to_string(photo));
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder_.path());
  const Taken taken = ExecutorRun(names, 8).second_half_of(kBatches);
  std::filesystem::current_path(before);
  EXPECT_EQ(taken.allocations, 0);
}

TEST_F(WholeRun, LocksAreTakenForBatches) {
  const std::vector<std::string> paths = photos("photo");
  const long of_8 = ExecutorRun(paths, 8).second_half_of(kBatches).locks;
  const long of_16 = ExecutorRun(paths, 16).second_half_of(kBatches).locks;
  EXPECT_GT(of_8, kBatches) << "they are counted";
  EXPECT_LE(of_16, of_8) << "none is taken for an image";
}

}  // namespace
}  // namespace ppinfer
