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
  Counting(std::atomic<int>& runs, std::atomic<int>& singles, bool fails)
      : runs_(runs), singles_(singles), fails_(fails) {}

  Span<const float> run(const BatchTensor& batch, int count) override {
    EXPECT_TRUE(count == batch.capacity() || count == 1) << count;
    ++(count == batch.capacity() ? runs_ : singles_);
    if (fails_) throw std::runtime_error("no memory for it");
    return scores_;
  }

 private:
  std::atomic<int>& runs_;
  std::atomic<int>& singles_;
  bool fails_;
  std::vector<float> scores_{1.0F};
};

class WarmUp : public testing::Test {
 protected:
  void add(bool fails = false) { instances_.push_back(std::make_unique<Counting>(runs_, singles_, fails)); }

  std::atomic<int> runs_{0};  // of whole batches
  std::atomic<int> singles_{0};
  std::vector<std::unique_ptr<EngineInstance>> instances_;
  BatchTensor batch_{2, {4, 4}, 3};
};

TEST_F(WarmUp, EveryInstanceRunsSoManyTimes) {
  for (int instance = 0; instance < 3; ++instance) add();
  warm_up(instances_, batch_, 2);
  EXPECT_EQ(runs_, 6);
  EXPECT_EQ(singles_, 3) << "what is left over at a run's end mustn't be the first to come alone";
  warm_up(instances_, batch_, 0);
  EXPECT_EQ(runs_, 6);
  EXPECT_EQ(singles_, 3);
}

TEST_F(WarmUp, ABatchOfOneIsNotRunOnceMore) {
  add();
  warm_up(instances_, BatchTensor(1, {4, 4}, 3), 2);
  EXPECT_EQ(runs_, 2);
  EXPECT_EQ(singles_, 0);
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
