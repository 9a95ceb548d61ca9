// A program of its own, since it replaces operator new to count.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "counted_allocations.h"
#include "executor/lane.h"
#include "postprocess/ops.h"
#include "preprocess/needed_region.h"
#include "sample_images.h"
#include "temporary_folder.h"

namespace ppinfer {
namespace {

constexpr int kClasses = 30;
constexpr int kBatch = 2;

class ConstantInstance : public EngineInstance {
 public:
  Span<const float> run(const BatchTensor&, int count) override {
    return {scores_.data(), static_cast<std::size_t>(count * kClasses)};
  }

 private:
  std::vector<float> scores_ = std::vector<float>(kClasses * kBatch, 0.25F);
};

TEST(Lane, TakesNoMemoryOnceWarm) {
  const TemporaryFolder folder;
  std::vector<std::string> paths;
  for (const int width : {300, 120, 220, 90}) {
    const Bytes jpeg = encode(".jpg", make_picture(width, 100));
    paths.push_back(folder.write("a name that is too long to be kept in a string itself " + std::to_string(width),
                                 std::string(jpeg.begin(), jpeg.end())));
  }
  std::vector<std::unique_ptr<EngineInstance>> instances;
  instances.push_back(std::make_unique<ConstantInstance>());
  EnginePool engines(std::move(instances));
  PreprocessPlan plan;
  plan.pixel_ops = {ResizeShort{64, Interpolation::kBilinear}, CenterCrop{{56, 48}}};
  plan.output_px = {56, 48};
  Pipeline pipeline;
  pipeline.plan = plan;
  pipeline.decode.needed_region = [&plan](Size image_px) { return needed_region(plan, image_px); };
  pipeline.batch_size = kBatch;
  pipeline.engines = &engines;
  Lane lane(pipeline);
  std::vector<std::string> labels(kClasses, "a label that is too long to be kept in a string itself");
  const std::unique_ptr<Postprocessor> postprocessor = make_postprocessor(Settings{}, labels, kClasses, false);

  std::vector<ImageInput> inputs;
  std::vector<Result> results;
  StageClock times;
  const auto round = [&] {
    long taken = 0;
    for (std::size_t first = 0; first < paths.size(); first += kBatch) {
      inputs.resize(kBatch);
      for (std::size_t slot = 0; slot < kBatch; ++slot) inputs[slot].path = paths[first + slot];
      const long before = allocations;
      lane.classify(*postprocessor, inputs, results, times);
      taken += allocations - before;
      for (const Result& result : results) EXPECT_TRUE(result.ok()) << result.error->message;
    }
    return taken;
  };
  EXPECT_GT(round(), 0);
  EXPECT_EQ(round(), 0);
}

}  // namespace
}  // namespace ppinfer
