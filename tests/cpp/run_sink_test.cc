#include "run/run_sink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "ppinfer/error.h"

namespace ppinfer {
namespace {

using testing::ElementsAre;

// Says what is done to it.
class ToldStore : public RecordStore {
 public:
  ToldStore(std::string name, std::vector<std::string>& told) : name_(std::move(name)), told_(told) {}
  void visit(const std::function<bool(const KeptRecord&)>&) override {}
  void truncate(std::int64_t) override {}
  void write(const Result& result) override { told_.push_back(name_ + " " + result.path); }
  bool full() const override { return is_full; }
  void flush() override {
    told_.push_back(name_ + " flush");
    if (fails) throw RuntimeFailure("full");
  }
  bool flush_what_fits() override {
    told_.push_back(name_ + " what fits");
    return fits;
  }
  void commit() override {}
  void close() override {}
  bool is_full = false;
  bool fails = false;
  bool fits = true;

 private:
  const std::string name_;
  std::vector<std::string>& told_;
};

class RunSinkTest : public testing::Test {
 protected:
  RunSink sink(const ErrorLimit& limit = {}, const RunSummary& before = {}) {
    return {store_, &errors_, true, inputs_, limit, before};
  }

  static void pass(RunSink& sink, const std::string& path, bool ok = true) {
    Result result;
    result.path = path;
    if (!ok) result.error = ImageError{Stage::kDecode, "bad"};
    sink.write(result);
  }

  std::vector<std::string> told_;
  ToldStore store_{"records", told_};
  ToldStore errors_{"errors", told_};
  ImageFiles inputs_{std::vector<std::string>()};
};

TEST_F(RunSinkTest, ErrorsGoOutBeforeRecords) {
  RunSink to = sink();
  pass(to, "a");
  pass(to, "b", false);
  EXPECT_THAT(told_, ElementsAre("records a", "errors b", "records b"));
  to.flush();
  EXPECT_THAT(told_, ElementsAre("records a", "errors b", "records b", "errors flush", "records flush"));
}

TEST_F(RunSinkTest, NothingFollowsARecordThatCouldntBeWritten) {
  RunSink to = sink();
  pass(to, "a");
  store_.fails = true;
  EXPECT_THROW(to.flush(), RuntimeFailure);
  store_.fails = false;
  pass(to, "b");
  to.flush();  // the run is over: nothing more may follow what is torn
  EXPECT_THAT(told_, ElementsAre("records a", "errors flush", "records flush"));
}

TEST_F(RunSinkTest, AFullStoreIsFlushedAtOnce) {
  RunSink to = sink();
  pass(to, "a");
  to.flush_if_due();  // it is too soon
  EXPECT_THAT(told_, ElementsAre("records a"));
  store_.is_full = true;
  pass(to, "b");
  EXPECT_THAT(told_, ElementsAre("records a", "records b", "errors flush", "records flush"));
}

TEST_F(RunSinkTest, HalfASecondIsLongEnough) {
  RunSink to = sink();
  pass(to, "a");
  std::this_thread::sleep_for(std::chrono::milliseconds(450));
  to.flush_if_due();
  EXPECT_THAT(told_, ElementsAre("records a", "errors flush", "records flush"));
}

TEST_F(RunSinkTest, TheCallerWaitsForNoReaderAndTriesAgain) {
  RunSink to(store_, &errors_, false, inputs_, {}, {});
  pass(to, "a");
  store_.fits = false;
  while (told_.size() == 1) to.flush_if_due();
  store_.fits = true;
  to.flush_if_due();  // at once, and not only when it is due again
  EXPECT_THAT(told_,
              ElementsAre("records a", "errors flush", "records what fits", "errors flush", "records what fits"));
}

TEST_F(RunSinkTest, LanesWriteWhileTheCallerFlushes) {
  RunSink to = sink();
  std::thread lane([&] {
    for (int image = 0; image < 20'000; ++image) pass(to, "a", image % 7 != 0);
  });
  for (int flush = 0; flush < 200; ++flush) to.flush();
  lane.join();
  to.flush();
  EXPECT_EQ(std::count(told_.begin(), told_.end(), "records a"), 20'000);
  EXPECT_EQ(told_.back(), "records flush");
}

TEST_F(RunSinkTest, ErrorsFromBeforeCountAgainstTheLimit) {
  RunSummary before;
  before.done_before = 10;
  before.errors_before = 2;
  RunSink to = sink({3, -1}, before);
  pass(to, "a", false);
  EXPECT_FALSE(to.exceeds_limit());
  pass(to, "b", false);
  EXPECT_TRUE(to.exceeds_limit());
}

TEST(ErrorLimit, OfAShareNothingIsSaidBefore100Images) {
  const ErrorLimit limit{-1, 2};
  EXPECT_FALSE(limit.is_exceeded(99, 99));
  EXPECT_FALSE(limit.is_exceeded(100, 2));
  EXPECT_TRUE(limit.is_exceeded(100, 3));
  EXPECT_FALSE(ErrorLimit{}.is_exceeded(1000, 1000));
  EXPECT_TRUE((ErrorLimit{0, -1}.is_exceeded(1, 1)));
}

}  // namespace
}  // namespace ppinfer
