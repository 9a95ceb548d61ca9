#include "executor/warm_up.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

namespace ppinfer {
namespace {

class Counting : public EngineInstance {
 public:
  Counting(std::atomic<int>& runs, bool fails) : runs_(runs), fails_(fails) {}

  Span<const float> run(const BatchTensor& batch, int count) override {
    EXPECT_EQ(count, batch.capacity());
    ++runs_;
    if (fails_) throw std::runtime_error("no memory for it");
    return scores_;
  }

 private:
  std::atomic<int>& runs_;
  bool fails_;
  std::vector<float> scores_{1.0F};
};

class WarmUp : public testing::Test {
 protected:
  void add(bool fails = false) { instances_.push_back(std::make_unique<Counting>(runs_, fails)); }

  std::atomic<int> runs_{0};
  std::vector<std::unique_ptr<EngineInstance>> instances_;
  BatchTensor batch_{2, {4, 4}, 3};
};

TEST_F(WarmUp, EveryInstanceRunsSoManyTimes) {
  for (int instance = 0; instance < 3; ++instance) add();
  warm_up(instances_, batch_, 2);
  EXPECT_EQ(runs_, 6);
  warm_up(instances_, batch_, 0);
  EXPECT_EQ(runs_, 6);
}

TEST_F(WarmUp, AFailureComesOutOnceAllAreDone) {
  add();
  add(true);
  add();
  EXPECT_THAT([&] { warm_up(instances_, batch_, 1); }, testing::ThrowsMessage<std::runtime_error>("no memory for it"));
  EXPECT_EQ(runs_, 3);
}

}  // namespace
}  // namespace ppinfer
