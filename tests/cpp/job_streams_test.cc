#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "job/streams.h"
#include "ppinfer/error.h"
#include "temporary_folder.h"

namespace ppinfer {
namespace {

using testing::ElementsAre;

TEST(FactsInFlight, LeaveInTheOrderInWhichTheyCame) {
  FactsInFlight in_flight;
  std::uint64_t pushed = 0;
  std::uint64_t popped = 0;
  for (const int more : {100, 300, 5, 2000}) {  // with half of them always left, around and beyond the ring's end
    for (int input = 0; input < more; ++input) in_flight.push({pushed++, 0, 0});
    while (popped < pushed / 2) EXPECT_EQ(in_flight.pop().path_hash, popped++);
  }
  while (popped < pushed) EXPECT_EQ(in_flight.pop().path_hash, popped++);
}

// Says what is done to it.
class ToldStore : public RecordStore {
 public:
  ToldStore(std::string name, std::vector<std::string>& told) : name_(std::move(name)), told_(told) {}
  std::int64_t records() override { return 0; }
  void cut(std::int64_t) override {}
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
  void put_in_place() override {}
  void abandon() override {}
  bool is_full = false;
  bool fails = false;
  bool fits = true;

 private:
  const std::string name_;
  std::vector<std::string>& told_;
};

class JobSinkTest : public testing::Test {
 protected:
  JobSinkTest() {
    journal_.open();
    journal_.begin({});
  }

  JobSink sink(const ErrorLimit& limit = {}, const JobTotals& before = {}) {
    return {store_, &errors_, &journal_, in_flight_, source_, limit, before};
  }

  void pass(JobSink& sink, const std::string& path, bool ok = true) {
    in_flight_.push({});
    Result result;
    result.path = path;
    if (!ok) result.error = ImageError{Stage::kDecode, "bad"};
    sink.write(result);
  }

  const TemporaryFolder folder_;
  std::vector<std::string> told_;
  ToldStore store_{"records", told_};
  ToldStore errors_{"errors", told_};
  Journal journal_{folder_.path("out.journal")};
  FactsInFlight in_flight_;
  ImageFiles none_{std::vector<std::string>()};
  JobSource source_{none_, in_flight_};
};

TEST_F(JobSinkTest, ErrorsGoOutBeforeRecordsAndThoseBeforeNotes) {
  JobSink to = sink();
  pass(to, "a");
  pass(to, "b", false);
  EXPECT_EQ(journal_.stored_entries(), 0);
  to.flush();
  EXPECT_THAT(told_, ElementsAre("records a", "errors b", "records b", "errors flush", "records flush"));
  EXPECT_EQ(journal_.stored_entries(), 2);
}

TEST_F(JobSinkTest, NoNoteOfARecordThatCouldntBeWritten) {
  JobSink to = sink();
  pass(to, "a");
  store_.fails = true;
  EXPECT_THROW(to.flush(), RuntimeFailure);
  store_.fails = false;
  pass(to, "b");
  to.flush();  // the run is over: nothing more may follow what is torn
  EXPECT_EQ(journal_.stored_entries(), 0);
  EXPECT_THAT(told_, ElementsAre("records a", "errors flush", "records flush"));
}

TEST_F(JobSinkTest, AFullStoreIsFlushedAtOnce) {
  JobSink to = sink();
  pass(to, "a");
  to.flush_if_due();  // it is too soon
  EXPECT_EQ(journal_.stored_entries(), 0);
  store_.is_full = true;
  pass(to, "b");
  EXPECT_EQ(journal_.stored_entries(), 2);
}

TEST_F(JobSinkTest, HalfASecondIsLongEnough) {
  JobSink to = sink();
  pass(to, "a");
  std::this_thread::sleep_for(std::chrono::milliseconds(450));
  to.flush_if_due();
  EXPECT_EQ(journal_.stored_entries(), 1);
}

TEST_F(JobSinkTest, TheCallerWaitsForNoReaderAndTriesAgain) {
  JobSink to(store_, &errors_, nullptr, in_flight_, source_, {}, {});
  pass(to, "a");
  store_.fits = false;
  while (told_.size() == 1) to.flush_if_due();
  store_.fits = true;
  to.flush_if_due();  // at once, and not only when it is due again
  EXPECT_THAT(told_,
              ElementsAre("records a", "errors flush", "records what fits", "errors flush", "records what fits"));
}

TEST_F(JobSinkTest, LanesWriteWhileTheCallerFlushes) {
  JobSink to = sink();
  std::thread lane([&] {
    for (int image = 0; image < 20'000; ++image) pass(to, "a", image % 7 != 0);
  });
  for (int flush = 0; flush < 200; ++flush) to.flush();
  lane.join();
  to.flush();
  EXPECT_EQ(journal_.stored_entries(), 20'000);
}

TEST_F(JobSinkTest, ErrorsFromBeforeCountAgainstTheLimit) {
  JobTotals before;
  before.done_before = 10;
  before.errors_before = 2;
  JobSink to = sink({3, -1}, before);
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
